import type { PolicyFile } from "../../language/text.ts";
import type { ExportHeader } from "../table/header.ts";
import { cedarString } from "./text.ts";

/** What an export was made from and how to ask it, as comments. */
export function cedarHeader(file: PolicyFile, { site, policy, mode, time }: ExportHeader): string {
  const shadow = file.rules.filter((rule) => rule.mode === "shadow").map(({ id }) => cedarString(id));
  const lines = [
    `modwarden policy ${policy}, mode ${mode}, site ${site === undefined ? "none given" : cedarString(site)}, ${time}`,
    "One authorisation for each register, coil or record of each access of a request; the request is permitted when",
    "all of them are. What stands in principal, resource and context: docs/policy-export.md.",
    ...(mode === "shadow" ? ["The policy is in shadow mode: what this refuses is forwarded all the same."] : []),
    ...(shadow.length === 0 ? [] : [`Rules in shadow mode have no effect and are left out: ${shadow.join(", ")}`]),
  ];
  return lines.map((line) => `// ${line}\n`).join("");
}
