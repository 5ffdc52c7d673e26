import { existsSync } from "node:fs";
import { DocumentError } from "@modwarden/document";
import {
  compilePolicy,
  type PolicyDevice,
  type PolicyTestCase,
  type PolicyTestResult,
  readPolicy,
  runPolicyTests,
} from "@modwarden/policy";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

interface PolicyTestOptions {
  readonly site?: string;
  readonly json?: true;
}

export function policyTestCommand(context: Context): Command {
  const command = createCommand("test", {
    summary: "Runs the tests of a policy file",
    examples: [
      ["modwarden policy test policy.yaml", "exit 1 when a test fails"],
      ["modwarden policy test policy.yaml --site site.yaml", "with the devices of a site"],
    ],
    more: `A file that names devices, points or labels needs a site; without --site it is ./${DEFAULT_SITE}, where there is one.`,
  });
  return withJson(command)
    .argument("<FILE>", "the policy file")
    .option("--site <FILE>", "the site whose devices the policy names")
    .action(async (file: string, { site, json }: PolicyTestOptions) => {
      const { result, asked } = await testPolicy(await readNamedFile(context.terminal, file), file, site);
      if (result.failed > 0) context.endWith(1);
      if (json) {
        context.json(result);
        return;
      }
      for (const one of result.cases) context.print(caseLine(context, one, asked[one.index]));
      context.print(`${result.passed} passed, ${result.failed} failed`);
    });
}

interface Tested {
  readonly result: PolicyTestResult;
  /** The tests as the file has them. */
  readonly asked: readonly object[];
}

async function testPolicy(text: string, file: string, site: string | undefined): Promise<Tested> {
  const document = readPolicy(text, file);
  const run = (devices: readonly PolicyDevice[]) => ({
    result: runPolicyTests(document, compilePolicy(document, devices), devices),
    asked: document.value.tests,
  });
  if (site !== undefined) return run(await devicesOf(site));
  try {
    return run([]);
  } catch (error) {
    if (!(error instanceof DocumentError) || !existsSync(DEFAULT_SITE)) throw error;
    return run(await devicesOf(DEFAULT_SITE));
  }
}

/** A site takes time to load, and most policy files can be tested without one. */
async function devicesOf(site: string): Promise<readonly PolicyDevice[]> {
  const { loadSite, policyDevices } = await import("@modwarden/server");
  const { devices, profiles } = loadSite(site);
  return policyDevices(devices, profiles);
}

function caseLine(context: Context, { index, expect, got, because, ok }: PolicyTestCase, asked: object = {}): string {
  const reason = because === null ? got : `${got} (${because})`;
  const verdict = ok ? context.paint("green", "ok  ") : context.paint("red", "FAIL");
  return `${verdict}  test ${index + 1}, ${askedText(asked)}: expected ${expect}, got ${reason}`;
}

/** What the test asks, in the words of the file. */
function askedText(asked: object): string {
  const { as, expect: _expect, because: _because, ...others } = asked as Readonly<Record<string, unknown>>;
  const { value, values, ...place } = others;
  const parts = Object.entries({ ...place, value, values }).flatMap(([name, part]) =>
    part === undefined ? [] : [`${name} ${typeof part === "object" ? JSON.stringify(part) : String(part)}`],
  );
  return [typeof as === "string" ? as : "no role", ...parts].join(" ");
}
