import { join } from "node:path";
import { addHold, findHold, formatTime, type Hold, readHolds, removeHold, serialiseRecord } from "@modwarden/audit";

/** What is asked of a new hold; times as in a record, null without a bound. */
export interface HoldRequest {
  readonly reason: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The legal holds of a site's log, and the record of every change of them. */
export class SiteHolds {
  readonly #file: string;
  readonly #now: () => Date;
  readonly #record: (body: string) => Promise<void>;

  /** `data`: the site's data folder. `record` resolves when the record is on disk. */
  constructor(data: string, now: () => Date, record: (body: string) => Promise<void>) {
    this.#file = join(data, "audit-holds.json");
    this.#now = now;
    this.#record = record;
  }

  list(): readonly Hold[] {
    return readHolds(this.#file).list;
  }

  /** In force before it is on record: where it cannot be recorded, it holds all the same. */
  async add(request: HoldRequest): Promise<Hold> {
    const hold = addHold(this.#file, { ...request, t: this.#time() });
    await this.#tell("hold-added", hold);
    return hold;
  }

  /** On record before it is lifted: where it cannot be recorded, it stays. */
  async remove(id: string): Promise<Hold> {
    const hold = findHold(this.#file, id);
    await this.#tell("hold-removed", hold);
    removeHold(this.#file, id);
    return hold;
  }

  async #tell(event: string, { id, reason, from, to }: Hold): Promise<void> {
    const fields = { event, hold: id, reason, from, to, by: { operator: true } };
    await this.#record(serialiseRecord(this.#time(), "system", fields));
  }

  #time(): string {
    return formatTime(this.#now().getTime());
  }
}
