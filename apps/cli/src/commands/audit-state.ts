import { stateAt } from "@modwarden/audit";
import type { StateView } from "@modwarden/server";
import type { Command } from "commander";
import { looked } from "../audit/looked.ts";
import { type IndexOptions, noteDamage, openIndex, withIndex } from "../audit/open-index.ts";
import { askedDevice } from "../audit/site-profile.ts";
import { timeText } from "../audit/time-text.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { table } from "../frame/table.ts";

interface StateOptions extends IndexOptions {
  readonly at?: number;
  readonly json?: true;
}

export function auditStateCommand(context: Context): Command {
  const now = Date.now();
  const command = createCommand("state", {
    summary: "What the registers of a device were known to be at a time",
    examples: [
      ["modwarden audit state drive --at 2026-11-21T09:14", "each with its age then and the record that says so"],
      ["modwarden audit state drive --log copy/audit --json", "what is known now, from a folder that holds a log"],
    ],
    more:
      "It is what went through the gateway: a change that nobody read is not known. A roll-up says what was read last " +
      "in its minute. After a write of unknown outcome a register is not known until it is read again.",
  });
  return withIndex(withJson(command))
    .argument("<device>", "the id of the device")
    .option("--at <TIME>", "when: 2026-11-21T09:14Z, 09:14, -2h (default: now)", timeText(now))
    .action(async (device: string, { json, at = now, ...options }: StateOptions) => {
      const { stateView } = await import("@modwarden/server");
      const { profile, unknown } = await askedDevice(device, options);
      const index = await openIndex(context, options);
      try {
        const known = stateAt(index, { device, at: at * 1000 });
        const view = stateView(device, at * 1000, known, profile);
        const records = new Set(known.map(({ seq }) => seq)).size;
        await looked(context, options, { action: "state", query: { device, at: view.at }, records });
        if (json) context.json(view);
        else show(context, view);
        if (known.length === 0 && unknown !== undefined) context.note(unknown);
        if (at > Date.now()) context.note(`${view.at} has not come yet: this is what is known now`);
        noteDamage(context, index, []);
      } finally {
        index.close();
      }
    });
}

function show(context: Context, { device, at, registers, points = [] }: StateView): void {
  if (registers.length === 0) {
    context.note(`nothing was known of ${device} at ${at}`);
    return;
  }
  const age = (ms: number): string => `${Math.floor(ms / 1000)} s`;
  const named = points.map(({ id, table: of, address, text, t, ageMs, seqs }) => [
    id,
    `${of} ${address}`,
    text,
    t,
    age(ageMs),
    seqs.join(" "),
  ]);
  const covered = new Set(points.flatMap(({ seqs, id }) => seqs.map((seq) => `${seq} ${id}`)));
  const others = registers
    .filter(({ points: names, seq }) => !names.some((name) => covered.has(`${seq} ${name}`)))
    .map(({ table: of, address, value, t, ageMs, seq, by, points: names }) => [
      names.join(" "),
      `${of} ${address}`,
      value === null ? `unknown (${by})` : String(value),
      t,
      age(ageMs),
      String(seq),
    ]);
  for (const line of table(["POINT", "REGISTER", "VALUE", "KNOWN", "AGE", "RECORD"], [...named, ...others]))
    context.print(line);
}
