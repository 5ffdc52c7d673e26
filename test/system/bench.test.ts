/** The bench of the protocol library runs, measures all of its servers and clients, and judges every bar. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { installPeers } from "../../scripts/peers.mjs";
import { systemTest } from "./support.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Series {
  readonly name: string;
  readonly load: string;
  readonly results: readonly ({ readonly perSecond: number; readonly cpuUs: number } | null)[];
  readonly failure?: string;
}

interface Bar {
  readonly what: string;
  readonly limit: number;
  readonly met?: boolean;
}

interface Document {
  readonly modbus?: {
    readonly servers: readonly Series[];
    readonly clients: readonly (Series & { readonly allocated: number })[];
    readonly bars: readonly Bar[];
  };
  readonly identity?: {
    readonly handshakes: readonly Series[];
    readonly enrolments: readonly Series[];
    readonly bars: readonly Bar[];
  };
  readonly policy?: unknown;
  readonly audit?: {
    readonly bytes: number;
    readonly written: Readonly<Record<string, readonly number[]>>;
    readonly bars: readonly Bar[];
  };
}

function bench(...arguments_: readonly string[]): Document {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bench/run.ts", "--json", ...arguments_], {
    cwd: root,
    encoding: "utf8",
  });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as Document;
}

describe("the bench", () => {
  systemTest(["gcc"], "measures every server and client it names, in a run too short to mean anything", async () => {
    await installPeers();
    const { modbus, identity } = bench("modbus", "--rounds", "1", "--ms", "50");
    expect(identity).toBeUndefined();
    const { servers, clients, bars } = modbus!;
    for (const { name, load, results } of [...servers, ...clients]) {
      // jsmodbus answers the requests of one segment in another order than they came in.
      if (name === "jsmodbus" && load === "8 x 16") continue;
      const [result] = results;
      expect(result, `${name}, ${load}`).toEqual(expect.objectContaining({ perSecond: expect.any(Number) }));
      expect(result!.perSecond).toBeGreaterThan(100);
      expect(result!.cpuUs).toBeGreaterThan(0);
    }
    expect(new Set(servers.map(({ name }) => name)).size).toBeGreaterThanOrEqual(5);
    for (const { allocated } of clients) expect(allocated).toBeGreaterThan(100);
    expect(bars.length).toBeGreaterThanOrEqual(14);
    expect(bars.filter(({ what, met }) => met === undefined && !what.includes("libmodbus"))).toEqual([]);
  });

  systemTest(["gcc", "openssl", "libssl-dev"], "shakes hands and enrols with a whole site", () => {
    const { modbus, identity } = bench("identity", "--rounds", "1", "--ms", "200");
    expect(modbus).toBeUndefined();
    const { handshakes, enrolments, bars } = identity!;
    for (const { name, load, results, failure } of [...handshakes, ...enrolments]) {
      expect({ name, load, failure }).toEqual({ name, load, failure: undefined });
      expect(results[0]!.perSecond).toBeGreaterThan(0);
      expect(results[0]!.cpuUs).toBeGreaterThan(0);
    }
    const names = new Set(handshakes.map(({ name }) => name));
    expect([...names]).toEqual(["gateway", "library", "bare node:tls", "openssl s_server"]);
    expect(bars.filter(({ met }) => met === undefined)).toEqual([]);
  });

  systemTest([], "keeps records beside others, and verifies what it kept", () => {
    const { audit, policy } = bench("audit", "--rounds", "1", "--ms", "200");
    expect(policy).toBeUndefined();
    const { bytes, written, bars } = audit!;
    expect(bytes).toBeGreaterThan(500);
    expect(Object.keys(written)).toEqual(["modwarden", "file, no evidence", "hash chain", "node:sqlite"]);
    for (const rates of Object.values(written)) expect(rates).toEqual([expect.any(Number)]);
    expect(bars.filter(({ met }) => met === undefined)).toEqual([]);
  });

  systemTest(["gcc"], "says what it takes when it is asked for something else", () => {
    for (const wrong of [["--rounds", "0"], ["everything"]]) {
      const { status, stderr } = spawnSync(process.execPath, ["bench/run.ts", ...wrong], {
        cwd: root,
        encoding: "utf8",
      });
      expect(status).toBe(2);
      expect(stderr).toContain("--rounds");
    }
  });
});
