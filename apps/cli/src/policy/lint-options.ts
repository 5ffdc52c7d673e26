import { checkTag, IdentityError, isIdentityId } from "@modwarden/identity";
import { roleTextProblem } from "@modwarden/modbus";
import type { LintFinding, LintIdentity, LintOptions, LintSite } from "@modwarden/policy";
import { policyDevices, type Site } from "@modwarden/server";
import type { Context } from "../frame/context.ts";
import { onSite } from "../site/site-option.ts";

/** The site as lint knows it. */
function lintSite({ value, devices, profiles, listeners }: Site): LintSite {
  const { id: gateway, zone } = value.gateway;
  return {
    location: { site: value.site, gateway, ...(zone === undefined ? {} : { zone }) },
    devices: policyDevices(devices, profiles),
    listeners: listeners.map(({ url, transport, sources, devices: reached }) => ({
      url,
      transport,
      sources: sources.map(({ network }) => network),
      devices: reached,
    })),
  };
}

/** What certificates and the registry can hold, and the site where there is one. */
export function lintOptions(site: Site | undefined, registry?: readonly LintIdentity[]): LintOptions {
  return {
    ...(site === undefined ? {} : { site: lintSite(site) }),
    ...(registry === undefined ? {} : { registry }),
    problemOfRole: roleTextProblem,
    problemOfId: (id) => (isIdentityId(id) ? undefined : ID_FORM),
    problemOfTag,
  };
}

const ID_FORM = 'an id is 1 to 64 letters, digits, ".", "_" and "-"';

function problemOfTag(tag: string): string | undefined {
  try {
    checkTag(tag);
    return undefined;
  } catch (error) {
    if (error instanceof IdentityError) return error.message;
    throw error;
  }
}

/** Everyone who may still be let in. */
export async function readRegistry(site: string): Promise<readonly LintIdentity[]> {
  const everyone = await onSite<readonly (LintIdentity & { readonly state: string })[]>({ site }, "identity.list", {});
  return everyone.filter(({ state }) => state !== "revoked" && state !== "retired");
}

const colours = { error: "red", warning: "yellow", info: "dim" } as const;

/** `policy.yaml:4:5: warning[shadowed]: …` */
export function findingLine(context: Context, file: string, finding: LintFinding): string {
  const { line, column, severity, code, message } = finding;
  return `${file}:${line}:${column}: ${context.paint(colours[severity], `${severity}[${code}]`)}: ${message}`;
}
