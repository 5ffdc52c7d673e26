import type { Table } from "@modwarden/access";
import { halvesOf } from "../language/function-reference.ts";
import type { Range } from "../language/range.ts";
import { inRanges } from "../language/range.ts";
import type { PolicyDevice } from "../rules/device.ts";
import type { Limits } from "../rules/limits.ts";
import type { CompiledRule, FunctionsEntry } from "../rules/rule.ts";
import type { Watch } from "./moment.ts";
import { rawOf } from "./step-state.ts";

/** What a functions entry without addresses would be: a bound for what is followed (check-entry.ts refuses more). */
const NOTHING: readonly Range[] = [];

/** The points (or registers) under slew limits, each once, for the longest time that any rule asks. */
export function watchesOf(rules: readonly CompiledRule[], devices: readonly PolicyDevice[]): readonly Watch[] {
  const watches = new Map<string, Watch>();
  const watch = (device: string, table: Table, address: number, quantity: number, limits: Limits): void => {
    const { step } = limits;
    if (step?.withinMs === undefined) return;
    const name = `${table} ${address} ${quantity} ${device}`;
    const withinMs = Math.max(step.withinMs, watches.get(name)?.withinMs ?? 0);
    const raw = (registers: ArrayLike<number>): number | bigint | undefined =>
      rawOf(limits, Uint16Array.from(registers));
    watches.set(name, { device, table, address, quantity, withinMs, raw });
  };
  for (const rule of rules) {
    for (const entry of rule.entries) {
      if (entry.kind === "points") {
        for (const [device, points] of entry.points) {
          for (const { point, limits } of points) {
            if (limits !== undefined) watch(device, point.table, point.address, point.count, limits);
          }
        }
        continue;
      }
      const { limits } = entry;
      if (limits?.step?.withinMs === undefined) continue;
      for (const { id } of devices.filter((device) => isAbout(rule, device))) {
        for (const table of writtenTables(entry)) {
          for (const { start, end } of entry.addresses ?? NOTHING) {
            for (let address = start; address <= end; address += 1) watch(id, table, address, 1, limits);
          }
        }
      }
    }
  }
  return [...watches.values()];
}

function isAbout({ devices, units }: CompiledRule, { id, unit }: PolicyDevice): boolean {
  return (devices?.has(id) ?? true) && (units === undefined || inRanges(units, unit));
}

function writtenTables({ functions, table }: FunctionsEntry): ReadonlySet<Table> {
  const halves = functions.flatMap(({ code }) => halvesOf(code)).filter(({ write }) => write);
  return new Set(halves.map((half) => half.table).filter((written) => table === undefined || table === written));
}
