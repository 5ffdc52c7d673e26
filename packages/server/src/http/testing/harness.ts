/** A server over a small site for every test of a file, closed after it; an error inside a handler fails the test. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type HttpOptions, type RunningHttp, startHttp } from "../start-http.ts";
import { sampleApprovals } from "./sample-approvals.ts";
import { sampleAudit } from "./sample-audit.ts";
import { samplePolicy } from "./sample-policy.ts";
import { sampleRegistry } from "./sample-registry.ts";
import { SampleSite } from "./sample-site.ts";

export interface Harness {
  /** An empty folder. */
  readonly consoleDir: string;
  readonly site: SampleSite;
  /** What handlers failed with; empty at the end of every test. */
  readonly errors: Error[];
  readonly start: (options?: Partial<HttpOptions>) => Promise<RunningHttp>;
}

export function useHarness(): Harness {
  const errors: Error[] = [];
  const state = { consoleDir: "", site: new SampleSite(), running: undefined as RunningHttp | undefined };
  beforeEach(() => {
    state.consoleDir = mkdtempSync(join(tmpdir(), "modwarden-console-"));
    state.site = new SampleSite();
  });
  afterEach(async () => {
    await state.running?.close();
    state.running = undefined;
    rmSync(state.consoleDir, { recursive: true });
    expect(errors.splice(0)).toEqual([]);
  });
  return {
    get consoleDir() {
      return state.consoleDir;
    },
    get site() {
      return state.site;
    },
    errors,
    async start(options = {}) {
      state.running = await startHttp({
        view: state.site,
        registry: sampleRegistry,
        policy: samplePolicy,
        approvals: () => sampleApprovals,
        audit: sampleAudit,
        listen: "http://127.0.0.1:0",
        consoleDir: state.consoleDir,
        random: randomBytes,
        failed: (error) => errors.push(error),
        ...options,
      });
      return state.running;
    },
  };
}

export const tokenOf = (http: RunningHttp): string => new URL(http.address).hash.slice("#token=".length);

export const bearer = (http: RunningHttp): { readonly authorization: string } => ({
  authorization: `Bearer ${tokenOf(http)}`,
});

export async function codeOf(response: Response): Promise<string> {
  const body = (await response.json()) as { readonly error: { readonly code: string } };
  return body.error.code;
}

/** A request as `fetch` would not send it: any Host, any path. */
export function rawRequest(
  http: RunningHttp,
  options: RequestOptions,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port: new URL(http.url).port, ...options }, (response) => {
      void collect(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

async function collect(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}
