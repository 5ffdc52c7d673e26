import type { Location } from "@modwarden/access";
import type { Asker } from "../asker.ts";
import type { Bus } from "../bus.ts";
import { exceptions, type Verdict } from "../judge.ts";
import type { LineContext } from "../line-context.ts";
import { exceptionOf, ownLocation, ownRequest, readOf } from "../own-request.ts";
import type { Slot } from "../slot.ts";
import { planReads, type Range } from "./read-plan.ts";
import { join, settleOne, type Wait } from "./wait.ts";

/** Reads that one request may cost. What a policy wants to know lies closer together than this. */
const MOST_FOR_ONE = 8;
/** Reads of the gateway that one device has not answered yet. */
const MOST_AT_ONCE = 32;

interface Reading extends Range {
  readonly slot: Slot;
  readonly waits: Wait[];
}

/**
 * Reads of one device what requests have to be judged by, as the gateway itself. They are on record like any other;
 * several requests that want to know the same share one.
 */
export class OwnReads implements Asker {
  readonly location: Location;
  readonly transport: "tcp" | "tls";
  readonly #bus: Bus;
  readonly #context: LineContext;
  #readings: Reading[] = [];

  constructor(bus: Bus, context: LineContext) {
    this.location = ownLocation(context.configuration);
    this.transport = bus.device.transport ?? "tcp";
    this.#bus = bus;
    this.#context = context;
  }

  /**
   * Has the registers read that are not being read already, and lets `wait` wait for all of them. `ahead`: it is part
   * of the turn of a request to the same device. What cannot be read is not waited for. Returns how many reads there
   * are until all is known.
   */
  ask(wanted: readonly Range[], wait: Wait, ahead: boolean): number {
    const { counters, slots } = this.#context;
    const planned = planReads(
      wanted.filter((range) => !this.#joined(range, wait)),
      this.#bus.profile,
    );
    if (planned.length === 0 || !this.#bus.reachable) return this.#readings.length;
    if (planned.length > MOST_FOR_ONE || this.#readings.length + planned.length > MOST_AT_ONCE) {
      counters.refusedReads += 1;
      return this.#readings.length;
    }
    wait.rounds += 1;
    for (const range of planned) {
      const slot = slots.take();
      if (slot === undefined) {
        counters.refusedReads += 1;
        break;
      }
      wait.pending += 1;
      this.#readings.push({ ...range, slot, waits: [wait] });
      ownRequest(slot, readOf(range), { asker: this, bus: this.#bus, context: this.#context, rule: "gateway:state" });
      this.#bus.enqueueOwn(slot, ahead);
    }
    return this.#readings.length;
  }

  judge(): Verdict {
    return this.#bus.barred === undefined ? this.#bus : exceptions.pathUnavailable;
  }

  questionOf(): undefined {
    return undefined;
  }

  concluded(): void {
    // What it comes to is looked at when it is ready.
  }

  ready(slot: Slot): void {
    const reading = this.#readings.find((one) => one.slot === slot);
    const good = slot.decision?.permit === true && slot.replyBytes > 0 && exceptionOf(slot) === undefined;
    this.#readings = this.#readings.filter((one) => one !== reading);
    this.#context.slots.give(slot);
    for (const wait of reading?.waits ?? []) settleOne(wait, good);
  }

  /** Somebody reads it already. */
  #joined({ table, address, quantity }: Range, wait: Wait): boolean {
    const reading = this.#readings.find(
      (one) => one.table === table && one.address <= address && address + quantity <= one.address + one.quantity,
    );
    if (reading === undefined) return false;
    if (!reading.waits.includes(wait)) join(reading.waits, wait);
    return true;
  }
}
