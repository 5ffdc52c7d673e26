/** The questions that are put to every pair of client and server, and what has to come back. */
import { expect } from "vitest";
import type { Drive } from "./drive.ts";
import { coil, discrete, holding, input, range, SIZE } from "./tables.ts";

/** A question, and its answer in the language of drive.ts. */
export type Exchange = readonly [question: string, answer: string];

const asked = (...words: readonly (number | readonly number[])[]): string => words.flat().join(" ");
const values = (words: readonly number[]): string => ["=", ...words].join(" ");
const done = "=";
const illegalAddress = "! 2";

const bits = range((index) => Number(index % 7 < 3), 0, 1968);
const registers = range((index) => (index * 521) & 0xffff, 0, 123);

/** By function code. The exchanges of one code do not depend on those of another. */
const exchanges: Readonly<Record<number, readonly Exchange[]>> = {
  1: [
    [asked(1, 3, 11), values(range(coil, 3, 11))],
    // Every quantity of a last byte, and the most there can be.
    [asked(1, 0, 8), values(range(coil, 0, 8))],
    [asked(1, 8, 1), values(range(coil, 8, 1))],
    [asked(1, 7, 2000), values(range(coil, 7, 2000))],
    [asked(1, SIZE - 1, 1), values(range(coil, SIZE - 1, 1))],
    [asked(1, SIZE - 1, 2), illegalAddress],
  ],
  2: [
    [asked(2, 3, 13), values(range(discrete, 3, 13))],
    [asked(2, 100, 2000), values(range(discrete, 100, 2000))],
    [asked(2, SIZE, 1), illegalAddress],
  ],
  3: [
    [asked(3, 10, 3), values(range(holding, 10, 3))],
    [asked(3, 500, 125), values(range(holding, 500, 125))],
    [asked(3, SIZE - 1, 2), illegalAddress],
  ],
  4: [
    [asked(4, 0, 1), values(range(input, 0, 1))],
    [asked(4, 800, 125), values(range(input, 800, 125))],
    [asked(4, SIZE, 1), illegalAddress],
  ],
  5: [
    [asked(5, 20, 1), done],
    [asked(5, 21, 0), done],
    [asked(1, 19, 4), values([coil(19), 1, 0, coil(22)])],
    [asked(5, SIZE, 1), illegalAddress],
  ],
  6: [
    [asked(6, 30, 0xffff), done],
    [asked(6, 31, 0), done],
    [asked(3, 29, 4), values([holding(29), 0xffff, 0, holding(32)])],
    [asked(6, SIZE, 1), illegalAddress],
  ],
  15: [
    [asked(15, 41, [1, 0, 1, 1, 1, 0, 0, 1, 1]), done],
    [asked(1, 40, 11), values([coil(40), 1, 0, 1, 1, 1, 0, 0, 1, 1, coil(50)])],
    [asked(15, 100, bits), done],
    [asked(1, 100, 1968), values(bits)],
    [asked(15, SIZE - 1, [1, 1]), illegalAddress],
  ],
  16: [
    [asked(16, 50, [0, 1, 0x8000, 0xffff]), done],
    [asked(3, 49, 6), values([holding(49), 0, 1, 0x8000, 0xffff, holding(54)])],
    [asked(16, 200, registers), done],
    [asked(3, 200, 123), values(registers)],
    [asked(16, SIZE - 1, [1, 1]), illegalAddress],
  ],
  22: [
    [asked(6, 60, 0x1234), done],
    [asked(22, 60, 0xf2f2, 0x2525), done],
    // (current AND and) OR (or AND NOT and)
    [asked(3, 60, 1), values([(0x1234 & 0xf2f2) | (0x2525 & ~0xf2f2)])],
    [asked(22, SIZE, 0, 0), illegalAddress],
  ],
  23: [
    // The write comes first, so the answer has the new values.
    [asked(23, 70, 4, 71, [7, 8]), values([holding(70), 7, 8, holding(73)])],
    [
      asked(23, 300, 125, 300, registers.slice(0, 121)),
      values([...registers.slice(0, 121), ...range(holding, 421, 4)]),
    ],
    [asked(23, SIZE, 1, 80, [1]), illegalAddress],
    [asked(23, 80, 1, SIZE, [1]), illegalAddress],
  ],
};

/** The function codes that a round can ask. */
export const everyCode: readonly number[] = Object.keys(exchanges).map(Number);

/**
 * What a peer does otherwise, by how the question begins: a fact to be known, not to be hidden. `undefined` is a
 * question that is not put.
 */
export type Deviations = Readonly<Record<string, string | undefined>>;

/** Puts the questions of these function codes. */
export async function playRound(drive: Drive, codes: readonly number[], deviations: Deviations = {}): Promise<void> {
  const unused = new Set(Object.keys(deviations));
  const put: Exchange[] = [];
  for (const [question, answer] of codes.flatMap((code) => exchanges[code]!)) {
    const known = Object.keys(deviations).find((start) => `${question} `.startsWith(`${start} `));
    if (known !== undefined) unused.delete(known);
    const expected = known === undefined ? answer : deviations[known];
    if (expected !== undefined) put.push([question, expected]);
  }
  await playExchanges(drive, put);
  expect([...unused]).toEqual([]);
}

/** Puts questions one after another and compares all answers at the end, so that a failure shows every one of them. */
export async function playExchanges(drive: Drive, put: readonly Exchange[]): Promise<void> {
  const played: string[] = [];
  for (const [question] of put) played.push(line(question, await drive(question)));
  expect(played).toEqual(put.map(([question, answer]) => line(question, answer)));
}

/** Short enough for a failure to be read. */
function line(question: string, answer: string): string {
  const cut = (text: string): string => (text.length <= 160 ? text : `${text.slice(0, 160)}… (${hash(text)})`);
  return `${cut(question)} → ${cut(answer)}`;
}

function hash(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum = (sum * 31 + text.charCodeAt(index)) >>> 0;
  return sum;
}
