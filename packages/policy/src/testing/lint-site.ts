import { readProfile } from "@modwarden/profile";
import { type LintOptions, lintPolicy, readPolicy } from "../index.ts";

const profile = readProfile(
  `profile: 1
device: { vendor: Test, model: Press, kind: press }
blocks: [{ table: holding, address: 0, count: 40, access: rw }, { table: coil, address: 0, count: 4, access: rw }]
points:
  - { id: word, table: holding, address: 0, type: u16, scale: 0.1, access: rw }
  - { id: signed, table: holding, address: 1, type: s16, scale: -0.5, access: rw }
  - { id: floor, table: holding, address: 2, type: s16, access: rw, limits: { min: 5 } }
  - { id: ceiling, table: holding, address: 3, type: s16, access: rw, limits: { max: 90 } }
  - { id: float, table: holding, address: 4, type: f32, access: rw, limits: { min: 0, max: 10 } }
  - { id: long, table: holding, address: 6, type: u32, access: rw, bits: { 0: alarm } }
  - { id: exponent, table: holding, address: 8, type: scaleFactor }
  - { id: power, table: holding, address: 9, type: u16, scale: { point: exponent } }
  - { id: turned, table: holding, address: 10, type: u16, order: BADC, scale: 0.1 }
  - { id: lamp, table: coil, address: 0, access: rw }
`,
  "press.yaml",
);

/** Two presses, and a thing without a profile, behind a listener of each kind. */
export const pressSite = {
  location: { site: "demo", gateway: "gw1", zone: "hall-2" },
  devices: [
    { id: "press", unit: 1, profile },
    { id: "twin", unit: 2, profile },
    { id: "plain", unit: 3 },
  ],
  listeners: [
    { url: "modbus+tls://0.0.0.0:802", transport: "tls", sources: [], devices: ["press", "twin", "plain"] },
    { url: "modbus+tcp://0.0.0.0:502", transport: "tcp", sources: ["10.0.0.5/32"], devices: ["plain"] },
  ],
} as const;

/** `code path: message` of what the linter says of some rules. */
export function lintOf(
  rules: readonly string[],
  options: LintOptions = { site: pressSite },
  roles = "Viewer",
): readonly string[] {
  const text = `policy: 1\nroles: [${roles}]\nrules:\n${rules.map((rule) => `  - ${rule}\n`).join("")}`;
  return lintPolicy(readPolicy(text, "policy.yaml"), options)
    .filter(({ code }) => code !== "tests-none")
    .map(({ code, path, message }) => `${code} ${path}: ${message}`);
}
