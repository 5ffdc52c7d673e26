import type { Because } from "@modwarden/access";
import { questionFor } from "../asked/asked.ts";
import { AskedError } from "../asked/asked-error.ts";
import type { Policy } from "../decide/question.ts";
import { rangeOf } from "../language/range.ts";
import type { AskedText, TestText } from "../language/text.ts";
import type { PolicyDevice } from "../rules/device.ts";
import type { NamedRule } from "./write-policy.ts";

/** A few tests show what a rule means; all of them would be the rules once more. */
const MOST = 16;

/**
 * Tests of the proposed policy: of each rule something that it permits and the nearest that it does not. Each is tried
 * on the policy first, so that the file says what is so.
 */
export function exampleTests(
  rules: readonly NamedRule[],
  policy: Policy,
  devices: readonly PolicyDevice[],
): readonly TestText[] {
  const tests: TestText[] = [];
  for (const rule of rules) {
    for (const expect of ["permit", "deny"] as const) {
      const found = candidates(rule, expect, devices)
        .map((asked) => testOf(asked, expect, policy, devices))
        .find((test) => test !== undefined);
      if (found !== undefined && tests.length < MOST) tests.push(found);
    }
  }
  return tests;
}

function candidates(
  rule: NamedRule,
  expect: "permit" | "deny",
  devices: readonly PolicyDevice[],
): readonly AskedText[] {
  const [id] = rule.devices;
  const [unit] = rule.units;
  const device = devices.find((one) => one.id === id);
  const place = id === undefined ? { unit } : { device: id };
  const [transport] = rule.transports ?? [];
  const common = {
    as: rule.role,
    ...place,
    ...(transport === undefined || rule.transports?.includes("tls") ? {} : { transport }),
  };
  return rule.entries.flatMap(({ entry }): readonly AskedText[] => {
    const { functions, addresses, read, write, min, max, values } = entry;
    const inside = values?.[0] ?? min;
    const beyond = max === undefined ? values && Math.max(...values) + 1 : max + 1;
    if (typeof read === "string") return expect === "permit" ? [{ ...common, read }] : [];
    if (typeof write === "string") {
      const point = device?.profile?.point(write);
      if (point?.type === "string") return [];
      const value = expect === "permit" ? (inside ?? 0) : beyond;
      return value === undefined ? [] : [{ ...common, write, value }];
    }
    const [code] = functions ?? [];
    const ranges = (addresses ?? []).map(rangeOf);
    const [first] = ranges;
    const last = ranges.at(-1);
    if (typeof code !== "number" || first === undefined || last === undefined) return [];
    if (code <= 4) {
      const quantity = Math.min(first.end - first.start + 1, code <= 2 ? 2000 : 125);
      if (expect === "permit") return [{ ...common, function: code, address: first.start, quantity }];
      return last.end < 65_535 ? [{ ...common, function: code, address: last.end + 1, quantity: 1 }] : [];
    }
    if (![5, 6, 15, 16].includes(code)) return [];
    const value = expect === "permit" ? (inside ?? 0) : beyond;
    const past = { ...common, function: code, address: last.end + 1, value: inside ?? 0 };
    return [
      ...(value === undefined ? [] : [{ ...common, function: code, address: first.start, value }]),
      ...(expect === "deny" && last.end < 65_535 ? [past] : []),
    ];
  });
}

/** Undefined: it is no request, or the policy decides otherwise. */
function testOf(
  asked: AskedText,
  expect: "permit" | "deny",
  policy: Policy,
  devices: readonly PolicyDevice[],
): TestText | undefined {
  try {
    const { permit, shadow, because } = policy.decide(questionFor(asked, devices));
    const isPermitted = permit && shadow === undefined;
    if (isPermitted !== (expect === "permit")) return undefined;
    const reason: Because | undefined = shadow?.because ?? because;
    return isPermitted || reason === undefined ? { ...asked, expect } : { ...asked, expect, because: reason };
  } catch (error) {
    // What no client can send is no example.
    if (error instanceof AskedError) return undefined;
    throw error;
  }
}
