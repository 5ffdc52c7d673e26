import fc from "fast-check";
import { expect } from "vitest";
import { packingOf } from "../log/packing.ts";
import type { DamagedLog } from "../verify/result.ts";
import { type SampleLog, textLines } from "./sample-log.ts";

const linesBefore = (bytes: Buffer, at: number): number => textLines(bytes.subarray(0, at)).length;

/** What a compressed segment holds. */
export function unpacked(name: string, bytes: Buffer): Buffer {
  const { measure, unpack } = packingOf(name)!;
  const size = measure(bytes)?.bytes ?? 0;
  return size === 0
    ? bytes
    : Buffer.concat([unpack(bytes.subarray(0, size)).bytes, unpacked(name, bytes.subarray(size))]);
}

/** The records that may be named for a changed byte at `at`: usually one. */
function suspects(sample: SampleLog, name: string, at: number): [number, number] {
  const bytes = sample.files.get(name)!;
  const first = Number.parseInt(name, 10);
  const only = (seq: number): [number, number] => [seq, seq];
  if (name === "key.pub") return only(0);
  if (name === "checkpoints.jsonl") return only(sample.sizes[linesBefore(bytes, at) - 1] ?? 0);
  if (name.endsWith(".peaks")) return only(first);
  if (name.endsWith(".leaves")) return only(first + Math.floor(at / 32));
  if (name.endsWith(".jsonl")) return only(first + linesBefore(bytes, at));
  // In a compressed piece: any record that it holds a part of.
  const { measure, unpack } = packingOf(name)!;
  const plain = unpacked(name, bytes);
  for (let start = 0, text = 0; ; ) {
    const end = start + measure(bytes.subarray(start))!.bytes;
    const textEnd = text + unpack(bytes.subarray(start, end)).bytes.length;
    if (at < end) return [first + linesBefore(plain, text), first + linesBefore(plain, textEnd)];
    start = end;
    text = textEnd;
  }
}

/** Changes single bytes of a log's files, each in a copy, and expects that the change is found and its record named. */
export function tryFlips(sample: SampleLog, parameters: fc.Parameters<unknown>): void {
  const names = [...sample.files.keys()];
  const anyByte = fc
    .constantFrom(...names)
    .chain((name) =>
      fc.tuple(fc.constant(name), fc.nat(sample.files.get(name)!.length - 1), fc.integer({ min: 1, max: 255 })),
    );
  fc.assert(
    fc.property(anyByte, ([name, at, flip]) => {
      const bytes = Buffer.from(sample.files.get(name)!);
      bytes[at]! ^= flip;
      const result = sample.verify({ [name]: bytes });
      const [least, most] = suspects(sample, name, at);
      expect(result.ok).toBe(false);
      const { seq, segment, reason } = result as DamagedLog;
      expect(seq).toBeGreaterThanOrEqual(least);
      expect(seq).toBeLessThanOrEqual(most);
      expect(reason).not.toBe("");
      if (/^\d+\.jsonl/.test(name)) expect(segment).toBe(name);
    }),
    parameters,
  );
}
