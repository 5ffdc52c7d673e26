/** What is asked of the log of a plant, many times and each time something else, with how long each answer took. */
import { type AuditIndex, blame, countFound, search, stateAt } from "@modwarden/audit";
import { CLIENTS, DEVICES, PLANT_START_MS, plantEndMs, seeded, WRITTEN } from "./plant.ts";

const HOUR_MS = 3_600_000;
/** Rows of a page, as the command asks for them. */
const PAGE = 100;

export interface Asked {
  readonly what: string;
  /** Milliseconds, one for each question. */
  readonly took: readonly number[];
  /** Rows, or registers, of all answers together: questions that find nothing would measure nothing. */
  readonly found: number;
}

/** Each kind of question `times` over; the index is warm after the first tenth, which is not counted. */
export function askAll(index: AuditIndex, records: number, times: number): readonly Asked[] {
  const random = seeded(2);
  const one = (names: readonly string[]): string => names[random(names.length)] ?? "";
  const end = plantEndMs(records);
  const moment = (): number => PLANT_START_MS + random(end - PLANT_START_MS);
  const ask = (what: string, question: () => number): Asked => {
    const took: number[] = [];
    let found = 0;
    for (let time = -Math.ceil(times / 10); time < times; time += 1) {
      const start = performance.now();
      const rows = question();
      if (time < 0) continue;
      took.push(performance.now() - start);
      found += rows;
    }
    return { what, took, found };
  };
  const hour = (): { readonly from: number; readonly to: number } => {
    const from = moment();
    return { from, to: from + HOUR_MS };
  };
  const page = { newestFirst: true, limit: PAGE };
  return [
    ask(
      `search by subject and hour, ${PAGE} rows`,
      () => search(index, { subject: one(CLIENTS), ...hour() }, page).found.length,
    ),
    ask("the same, counted", () => countFound(index, { subject: one(CLIENTS), ...hour() })),
    ask(
      `refusals of a device, ${PAGE} rows`,
      () => search(index, { device: one(DEVICES), decision: "refused" }, page).found.length,
    ),
    ask(
      "blame of a point, 20 writes",
      () => blame(index, { device: one(DEVICES), point: one(WRITTEN), limit: 20 }).writes.length,
    ),
    ask("state of a device at a time", () => stateAt(index, { device: one(DEVICES), at: moment() * 1000 }).length),
  ];
}
