/** Why it was permitted or refused, in the words of the policy. */
import type { ReactNode } from "react";
import type { Explanation } from "../api/wire.ts";
import { bothAddresses } from "../model/format.ts";
import { words } from "../words/index.ts";
import { type Fact, Facts } from "./facts.tsx";

export function ExplanationList({ decision }: { readonly decision: Explanation }): ReactNode {
  return <Facts facts={factsOf(decision)} />;
}

function factsOf(decision: Explanation): readonly Fact[] {
  const because = decision.because ?? decision.shadow?.because;
  const uncovered = decision.firstUncovered;
  return [
    ...(because === undefined ? [] : [{ name: words.drawer.because, value: `${words.because[because]} (${because})` }]),
    ...(decision.failed === undefined ? [] : [{ name: words.drawer.failed, value: decision.failed }]),
    { name: words.drawer.rules, value: decision.rules.length === 0 ? words.drawer.noRules : decision.rules.join(", ") },
    ...(uncovered === undefined ? [] : [{ name: words.drawer.uncovered, value: uncoveredText(uncovered) }]),
    { name: words.drawer.policy, value: decision.policy, mono: true },
  ];
}

function uncoveredText({ table, address, point }: NonNullable<Explanation["firstUncovered"]>): string {
  const where = table === null ? "" : bothAddresses(table, address);
  return point === undefined ? where : `${point}, ${where}`;
}
