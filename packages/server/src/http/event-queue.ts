/**
 * What one open console has still to be told. A console that reads slowly loses the oldest transactions, and is told how
 * many; of devices and status it is only ever told the newest. So the memory of a stream is bounded whatever it does.
 */
import type { DeviceView, LiveEvent, LiveTransaction, SiteStatus } from "./site-view.ts";

/** Transactions waiting for one console: as many as a site remembers. */
export const QUEUE_CAPACITY = 1000;
/** Transactions in one event: bounds the size of a chunk. */
export const EVENT_TRANSACTIONS = 100;

export class EventQueue {
  #transactions: LiveTransaction[] = [];
  readonly #devices = new Map<string, DeviceView>();
  #status: SiteStatus | undefined;
  #dropped = 0;
  #newest: number;

  /** `since`: the live number of the last transaction that the console already has. */
  constructor(since = -1) {
    this.#newest = since;
  }

  get isEmpty(): boolean {
    return (
      this.#transactions.length === 0 && this.#devices.size === 0 && this.#status === undefined && this.#dropped === 0
    );
  }

  push(event: LiveEvent): void {
    switch (event.kind) {
      case "transactions":
        for (const transaction of event.transactions) this.#pushTransaction(transaction);
        return;
      case "devices":
        for (const device of event.devices) this.#devices.set(device.id, device);
        return;
      case "dropped":
        this.#dropped += event.count;
        return;
      case "status":
        this.#status = event.status;
    }
  }

  /** The next event to send, undefined when there is none. What was lost is said before what came after it. */
  take(): LiveEvent | undefined {
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      return { kind: "dropped", count };
    }
    if (this.#status !== undefined) {
      const status = this.#status;
      this.#status = undefined;
      return { kind: "status", status };
    }
    if (this.#devices.size > 0) {
      const devices = [...this.#devices.values()];
      this.#devices.clear();
      return { kind: "devices", devices };
    }
    if (this.#transactions.length > 0) {
      return { kind: "transactions", transactions: this.#transactions.splice(0, EVENT_TRANSACTIONS) };
    }
    return undefined;
  }

  /** A transaction may come twice, in the ring that a new stream starts with and as an event: the second is ignored. */
  #pushTransaction(transaction: LiveTransaction): void {
    if (transaction.number <= this.#newest) return;
    this.#newest = transaction.number;
    this.#transactions.push(transaction);
    if (this.#transactions.length > QUEUE_CAPACITY) {
      this.#transactions.shift();
      this.#dropped += 1;
    }
  }
}
