/** More are not kept: a device that has left so many requests without an answer will not answer the oldest now. */
const most = 32_768;

/**
 * The transaction ids whose answers may still come, though nobody waits for them any more. They are not handed out
 * again before they have come, not even when the ids have gone round. A bit for each id, made with the first of them.
 */
export class LateIds {
  #bits: Uint8Array | undefined;
  #count = 0;

  add(id: number): void {
    if (this.has(id)) return;
    if (this.#count === most) this.clear();
    this.#bits ??= new Uint8Array(8192);
    this.#bits[id >>> 3]! |= 1 << (id & 7);
    this.#count += 1;
  }

  has(id: number): boolean {
    return this.#count > 0 && (this.#bits![id >>> 3]! & (1 << (id & 7))) !== 0;
  }

  /** Whether it was there. */
  delete(id: number): boolean {
    if (!this.has(id)) return false;
    this.#bits![id >>> 3]! &= ~(1 << (id & 7));
    this.#count -= 1;
    return true;
  }

  clear(): void {
    this.#bits?.fill(0);
    this.#count = 0;
  }
}
