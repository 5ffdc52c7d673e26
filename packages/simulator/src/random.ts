/**
 * A seeded source of numbers from 0 to 1 (1 excluded): a 32-bit counter, mixed. Two sources with one seed give one
 * sequence; it is for simulation and keeps no secret.
 */
export function seededRandom(seed: number): () => number {
  let state = mix(seed >>> 0);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

/** Every bit of the result depends on every bit of `value`. */
export function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
