import { existsSync } from "node:fs";
import {
  type CompileOptions,
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
    more: `A file that names devices, points, labels or places needs a site; without --site it is ./${DEFAULT_SITE}, where there is one.`,
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
  const place = site ?? (existsSync(DEFAULT_SITE) ? DEFAULT_SITE : undefined);
  const { devices, options } = place === undefined ? { devices: [], options: {} } : await surroundings(place);
  const result = runPolicyTests(document, compilePolicy(document, devices, options), devices);
  return { result, asked: document.value.tests };
}

interface Surroundings {
  readonly devices: readonly PolicyDevice[];
  readonly options: CompileOptions;
}

/** As `policy apply` compiles it. The site's own policy is not read: it may be the one that is being mended. */
async function surroundings(site: string): Promise<Surroundings> {
  const { policyDevices, readSite } = await import("@modwarden/server");
  const { value, devices, profiles } = readSite(site);
  const { id: gateway, zone } = value.gateway;
  const location = { site: value.site, gateway, ...(zone === undefined ? {} : { zone }) };
  return { devices: policyDevices(devices, profiles), options: { location } };
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
