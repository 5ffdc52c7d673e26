/** A stream of integers from one seed, so that a property driven by a single integer can build any message cheaply. */
export class Integers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 32 bits, by the mixing function of splitmix32. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** From `least` to `most`, both included; each end comes up often. */
  between(least: number, most: number): number {
    const drawn = this.next();
    const corner = drawn & 15;
    if (corner === 0) return least;
    if (corner === 1) return most;
    return least + ((drawn >>> 4) % (most - least + 1));
  }

  boolean(): boolean {
    return (this.next() & 16) !== 0;
  }

  byte(): number {
    return this.next() >>> 24;
  }

  uint16(): number {
    return this.between(0, 0xffff);
  }

  /** Mostly short, now and then as long as allowed: long arrays cost time and find little that short ones do not. */
  length(least: number, most: number): number {
    return (this.next() & 31) === 0 ? this.between(least, most) : this.between(least, Math.min(most, least + 4));
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = this.byte();
    return bytes;
  }

  registers(length: number): Uint16Array {
    const registers = new Uint16Array(length);
    for (let index = 0; index < length; index++) registers[index] = this.next();
    return registers;
  }

  booleans(length: number): boolean[] {
    const booleans: boolean[] = [];
    for (let index = 0; index < length; index++) booleans.push(this.boolean());
    return booleans;
  }
}
