import { hoursOf, interlocksOf } from "../language/check-when.ts";
import type { RuleText } from "../language/text.ts";
import type { Coverage } from "../rules/coverage.ts";

/** What a rule asks for, in the words of the file and no longer than a line can bear. */
export function ruleSays({ when, rate, approval }: RuleText, { limits }: Coverage): string {
  const { min, max, values, mask, maxStep, perSeconds } = limits?.stated ?? {};
  const parts = [
    ...Object.entries({ min, max, values: values?.join(", "), maxStep, perSeconds }).map(pair),
    mask === undefined ? "" : `mask 0x${mask.toString(16).padStart(4, "0")}`,
    ...Object.entries({ transports: when?.transports, listeners: when?.listeners, sources: when?.sources }).map(list),
    when?.hours === undefined ? "" : `hours ${hoursOf(when.hours).join(", ")} ${when.tz ?? ""}`,
    ...interlocksOf(when?.interlock).map(({ point }) => `interlock ${point}`),
    rate === undefined ? "" : `rate ${rate.requests} in ${rate.perSeconds} s`,
    approval === undefined ? "" : `approval of ${approval.people}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function pair([key, value]: readonly [string, number | string | undefined]): string {
  return value === undefined ? "" : `${key} ${value}`;
}

function list([key, names]: readonly [string, readonly string[] | undefined]): string {
  return names === undefined ? "" : `${key} ${names.join(", ")}`;
}
