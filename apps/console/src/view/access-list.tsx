/** The objects a request touches: one entry per access, each with its address in both notations. */
import type { ReactNode } from "react";
import type { Access, LiveTransaction } from "../api/wire.ts";
import { bothAddresses, hexWord } from "../model/format.ts";
import { words } from "../words/index.ts";
import { type Fact, Facts } from "./facts.tsx";

export function AccessList({ transaction }: { readonly transaction: LiveTransaction }): ReactNode {
  const { accesses } = transaction;
  if (accesses.length === 0) return <p className="text-quiet">{words.drawer.noObjects}</p>;
  return (
    <ol className="flex flex-col gap-2">
      {accesses.map((access) => (
        <li key={JSON.stringify(access)}>
          <Facts facts={factsOf(access)} />
        </li>
      ))}
    </ol>
  );
}

function factsOf(access: Access): readonly Fact[] {
  const device = `${access.device ?? words.traffic.noDevice}, ${words.devices.unit(access.unit)}`;
  const facts: Fact[] = [{ name: words.drawer.object(access.write), value: device }];
  if (access.table !== null) {
    const where = bothAddresses(access.table, access.address);
    facts.push({ name: words.tables[access.table], value: `${where}, ${words.drawer.quantity(access.quantity)}` });
  }
  if (access.points !== undefined) facts.push({ name: words.points.columns.point, value: access.points.join(", ") });
  if (access.values !== undefined) {
    const bits = access.table === "coil";
    const values = access.values.map((value) => (bits ? String(value) : `${value} (0x${hexWord(value)})`));
    facts.push({ name: words.drawer.written, value: values.join(", "), mono: true });
  }
  if (access.mask !== undefined) {
    const { and, or } = access.mask;
    facts.push({ name: words.drawer.mask, value: `and 0x${hexWord(and)}, or 0x${hexWord(or)}`, mono: true });
  }
  return facts;
}
