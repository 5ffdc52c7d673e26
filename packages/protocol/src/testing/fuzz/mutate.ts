import type { Integers } from "../integers.ts";

/** What a length, a count or an address likes to be when it is wrong. */
const interesting = [
  0, 1, 2, 4, 6, 7, 8, 31, 32, 63, 64, 123, 124, 125, 126, 127, 128, 245, 246, 250, 251, 253, 254, 255,
];
/** Codes that decoders know, exceptions of some, and neighbours that nobody knows. */
const codes = [
  1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 65, 72, 100, 110, 0, 9, 64, 111, 127, 131,
];

type Mutation = (from: Integers, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const at = (from: Integers, bytes: Uint8Array): number => from.between(0, Math.max(0, bytes.length - 1));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function changed(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const copy = bytes.slice();
  if (index < copy.length) copy[index] = value;
  return copy;
}

const flipBit: Mutation = (from, bytes) => {
  const index = at(from, bytes);
  return changed(bytes, index, (bytes[index] ?? 0) ^ (1 << from.between(0, 7)));
};

const setByte: Mutation = (from, bytes) => changed(bytes, at(from, bytes), from.byte());

const cut: Mutation = (from, bytes) => bytes.slice(0, from.between(0, bytes.length));

const cutFront: Mutation = (from, bytes) => bytes.slice(from.between(0, bytes.length));

const splice: Mutation = (from, bytes, other) =>
  joined(bytes.subarray(0, from.between(0, bytes.length)), other.subarray(from.between(0, other.length)));

const duplicate: Mutation = (from, bytes) => {
  const start = at(from, bytes);
  const end = from.between(start, Math.min(bytes.length, start + 40));
  return joined(bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end));
};

const insert: Mutation = (from, bytes) => {
  const index = at(from, bytes);
  return joined(bytes.subarray(0, index), from.bytes(from.between(1, 4)), bytes.subarray(index));
};

/** The first bytes are where function codes, counts, quantities and lengths stand. */
const field: Mutation = (from, bytes) => {
  const value = interesting[from.between(0, interesting.length - 1)]!;
  return changed(bytes, from.between(0, Math.min(11, bytes.length)), value);
};

/** A count that is wrong by one or two, as devices have it. */
const nearby: Mutation = (from, bytes) => {
  const index = from.between(0, Math.min(11, bytes.length));
  return changed(bytes, index, (bytes[index] ?? 0) + from.between(-2, 2));
};

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  cut,
  cutFront,
  splice,
  duplicate,
  insert,
  field,
  field,
  nearby,
];

/** One to three mutations; `other` lends its bytes for splicing. */
export function mutate(from: Integers, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let mutated = bytes;
  for (let count = from.between(1, 3); count > 0; count--) {
    mutated = mutations[from.between(0, mutations.length - 1)]!(from, mutated, other);
  }
  return mutated;
}

/** A PDU under another function code, or mutated. */
export function mutatePdu(from: Integers, pdu: Uint8Array, other: Uint8Array): Uint8Array {
  if (from.between(0, 3) > 0) return mutate(from, pdu, other);
  return changed(pdu, 0, codes[from.between(0, codes.length - 1)]!);
}
