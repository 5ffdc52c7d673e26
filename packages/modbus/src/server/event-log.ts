/** MODBUS Application Protocol V1.1b3 § 6.10 */
const capacity = 64;

/** The communication events of one device: up to 64 bytes, of which the oldest goes when another comes. */
export class EventLog {
  readonly #bytes: Uint8Array = new Uint8Array(capacity);
  #next = 0;
  #count = 0;

  add(event: number): void {
    this.#bytes[this.#next] = event;
    this.#next = (this.#next + 1) % capacity;
    if (this.#count < capacity) this.#count += 1;
  }

  clear(): void {
    this.#count = 0;
  }

  /** A copy, the newest first. */
  list(): Uint8Array {
    const events = new Uint8Array(this.#count);
    for (let index = 0; index < events.length; index += 1) {
      events[index] = this.#bytes[(this.#next - 1 - index + capacity) % capacity]!;
    }
    return events;
  }
}
