import { defaultSuites, sunSpecSuites } from "@modwarden/modbus";
import { type Case, sunSpec, traps } from "./more-cases.ts";
import type { NamedTest } from "./named-tests.ts";
import { requirements } from "./requirements.ts";

/** What the statement would claim without a test or a gap to show for it, and tests of what it does not list. */
export function unproven(tests: readonly NamedTest[]): readonly string[] {
  const proven = new Set(tests.map(({ id }) => id));
  const cases: readonly Case[] = [...requirements, ...traps, ...sunSpec];
  const listed = new Set(cases.map(({ id }) => id));
  return [
    ...cases.flatMap(({ id, gap, same = [] }) => {
      const missing = same.filter((other) => !proven.has(other));
      if (missing.length > 0) return [`${id}: its tests are those of ${missing.join(", ")}, and there are none`];
      return proven.has(id) || same.length > 0 || gap !== undefined ? [] : [`${id}: neither a test nor a gap`];
    }),
    ...tests.filter(({ id }) => !listed.has(id)).map(({ id, file }) => `${id}: ${file} tests what is not listed`),
  ];
}

/** The page docs/modbus-tcp-security.md. */
export function statementPage(tests: readonly NamedTest[]): string {
  const gaps = [...requirements, ...traps, ...sunSpec].filter(({ gap }) => gap !== undefined);
  return `# Modbus/TCP Security

What modwarden's library and gateway hold to of MODBUS/TCP Security v36 (mbaps, TCP port 802), requirement by requirement, with the test that shows it. \`node scripts/statement.mjs\` writes this page from the tests; a test fails when it is not what they give. Nobody has certified it: it is our own statement.

How to use it: [links.md](links.md#modbustcp-security) for the library, [gateway.md](gateway.md) for the gateway, [enrolment.md](enrolment.md) for certificates. A policy with the roles of Secure SunSpec Modbus is in \`examples/secure-sunspec\`.

## Gaps
| | what is not met, and why |
|---|---|
${gaps.map(({ id, gap }) => `| ${id} | ${gap} |`).join("\n")}

## Suites
By default, the preferred first:

${defaultSuites.map((suite) => `- \`${suite}\``).join("\n")}

\`sunSpecSuites\`, for \`suites\`: ${sunSpecSuites.map((suite) => `\`${suite}\``).join(", ")}. \`suites\` takes any of these and no others; a suite that is left out is switched off.

## Requirements
The requirement is in our words; the specification's text decides. R-09 and R-15 do not exist.

| | level | requirement | how it is met | test |
|---|---|---|---|---|
${requirements
  .map(({ id, level, what, how }) => `| ${id} | ${level} | ${what} | ${how} | ${proofOf({ id }, tests)} |`)
  .join("\n")}

## Traps of Node's TLS
| | what is looked after | test |
|---|---|---|
${traps.map((one) => `| ${one.id} | ${one.what} | ${proofOf(one, tests)} |`).join("\n")}

## Secure SunSpec Modbus 1.0
The families of cases of its test procedure, as far as they are known from public implementations; what is checked is in our words.

| | what is checked | test |
|---|---|---|
${sunSpec.map((one) => `| ${one.id} | ${one.what} | ${proofOf(one, tests)} |`).join("\n")}
`;
}

function proofOf({ id, same = [] }: Pick<Case, "id" | "same">, tests: readonly NamedTest[]): string {
  const own = tests.filter((test) => test.id === id);
  const files = [...new Set(own.map(({ file }) => file))];
  const proofs = files.map((file) => {
    const names = own.filter((test) => test.file === file).map(({ name }) => spelt(name.slice(id.length + 1)));
    return `${names.join("; ")} (\`${file}\`)`;
  });
  if (same.length > 0) proofs.push(`as ${same.join(", ")}`);
  return proofs.length === 0 ? "gap" : proofs.join(" · ").replaceAll("|", "\\|");
}

/** The name of a test that runs for several cases, without the place where the case's own name goes. */
function spelt(name: string): string {
  return name.replace(/(?: \(%s\)|: %s)$/, "");
}
