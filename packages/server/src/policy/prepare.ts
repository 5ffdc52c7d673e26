import type { DeviceConfiguration } from "@modwarden/gateway";
import {
  compilePolicy,
  type Policy,
  type PolicyDevice,
  type PolicyDocument,
  readPolicy,
  runPolicyTests,
} from "@modwarden/policy";
import type { Profile } from "@modwarden/profile";
import { SiteError } from "../site/error.ts";
import type { Site } from "../site/load.ts";

/** A policy that fits the site: read, checked and compiled for its devices. */
export interface PreparedPolicy {
  /** What messages call it. */
  readonly file: string;
  readonly text: string;
  readonly document: PolicyDocument;
  readonly compiled: Policy;
}

/** Throws `DocumentError` (file:line:column). */
export function preparePolicy(site: Site, text: string, file: string): PreparedPolicy {
  const { site: name, gateway } = site.value;
  const document = readPolicy(text, file);
  const compiled = compilePolicy(document, devicesOf(site), {
    location: {
      site: name,
      gateway: gateway.id,
      ...(gateway.zone === undefined ? {} : { zone: gateway.zone }),
    },
  });
  site.requireRoles(compiled.roles);
  return { file, text, document, compiled };
}

/** How many failing tests are told of one by one. */
const TOLD = 20;

/** Runs the tests in the file. Errors: ERR_POLICY_TESTS for those that fail, `DocumentError` for those that ask nothing. */
export function requireTests(site: Site, { document, compiled }: PreparedPolicy): void {
  const { cases, failed } = runPolicyTests(document, compiled, devicesOf(site));
  if (failed === 0) return;
  const lines = cases
    .filter(({ ok }) => !ok)
    .slice(0, TOLD)
    .map(({ index, expect, got, because }) => {
      const { line, column } = document.problem(["tests", index], "");
      const wanted = withReason(expect, document.value.tests[index]?.because);
      return `${document.file}:${line}:${column}: test ${index + 1} expects ${wanted} and gets ${withReason(got, because)}`;
    });
  if (failed > TOLD) lines.push(`and ${failed - TOLD} more`);
  throw new SiteError("ERR_POLICY_TESTS", lines.join("\n"));
}

function withReason(decision: string, because: string | null | undefined): string {
  return because === null || because === undefined ? decision : `${decision} (${because})`;
}

function devicesOf({ devices, profiles }: Site): readonly PolicyDevice[] {
  return policyDevices(devices, profiles);
}

/** The devices as the policy knows them. */
export function policyDevices(
  devices: readonly DeviceConfiguration[],
  profiles: ReadonlyMap<string, Profile>,
): { id: string; unit: number; profile?: Profile }[] {
  return devices.map(({ id, unit }) => {
    const profile = profiles.get(id);
    return { id, unit, ...(profile === undefined ? {} : { profile }) };
  });
}
