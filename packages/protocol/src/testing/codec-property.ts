import fc from "fast-check";
import { ModbusError } from "../errors.ts";
import { MAX_PDU } from "../limits.ts";
import { Integers } from "./integers.ts";
import { same } from "./same.ts";

/** One direction of the protocol, as the functions at the door of the room. */
export interface Side<Message> {
  readonly encode: (message: Message, out: Uint8Array, at: number) => number;
  readonly decode: (bytes: Uint8Array, at: number, end: number) => Message;
  readonly size: (message: Message) => number;
  readonly describe: (message: Message) => string;
}

/** A part of them in `npm test`; all of them while coverage is measured. */
const RUNS = Number(process.env["CODEC_RUNS"] ?? 20_000);
/** The PDU stands in the middle of its bytes, between bytes that belong to nobody. */
const AT = 3;
const out = new Uint8Array(AT + MAX_PDU + 8);
const noise = new Uint8Array(MAX_PDU + 1);

function fail(what: string, message: unknown): never {
  throw new Error(
    `${what}: ${JSON.stringify(message, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value))}`,
  );
}

/** Decodes bytes of any kind: either a ModbusError, or a message that survives being encoded and decoded again. */
function survives<Message>(side: Side<Message>, bytes: Uint8Array, at: number, end: number): void {
  let message: Message;
  try {
    message = side.decode(bytes, at, end);
  } catch (error) {
    if (error instanceof ModbusError) return;
    throw error;
  }
  const again = new Uint8Array(side.size(message));
  const stop = side.encode(message, again, 0);
  if (stop !== again.length || stop !== end - at) fail("another length than was read", message);
  if (!same(side.decode(again, 0, stop), message)) fail("encoding and decoding again changed it", message);
}

function roundTrip<Message>(side: Side<Message>, message: Message): number {
  const end = side.encode(message, out, AT);
  if (end - AT !== side.size(message)) fail("size and encode disagree", message);
  const decoded = side.decode(out, AT, end);
  if (!same(decoded, message)) fail("decode(encode(x)) is not x", message);
  return end;
}

/** Changes a few bytes of the PDU at `AT` and now and then its length. Returns its new end. */
function damage(from: Integers, end: number): number {
  for (let changes = from.between(1, 3); changes > 0; changes--) out[from.between(AT, end - 1)] = from.byte();
  const kind = from.next() & 7;
  if (kind === 0) return from.between(AT, end);
  if (kind === 1) return from.between(end, end + 6);
  return end;
}

/** Random bytes behind a function code, now and then more than a PDU may have. Returns their end. */
function fillNoise(from: Integers, functionCode: number): number {
  const length = from.length(1, noise.length);
  noise[0] = functionCode;
  for (let index = 1; index < length; index++) noise[index] = from.byte();
  return length;
}

/**
 * 100,000 seeds: the message that a seed gives comes back from its bytes; its bytes with damage, or random bytes
 * behind the same function code, never throw anything but a ModbusError. What they decode to survives the round trip.
 */
export function expectCodec<Message>(side: Side<Message>, any: (from: Integers) => Message): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    fc.assert(
      fc.property(fc.noBias(fc.integer()), (seed) => {
        const from = new Integers(seed);
        const message = any(from);
        const end = roundTrip(side, message);
        if ((seed & 31) === 0 && side.describe(message).length === 0) fail("no description", message);
        if (from.boolean()) {
          survives(side, out, AT, damage(from, end));
        } else {
          survives(side, noise, 0, fillNoise(from, out[AT]!));
        }
      }),
      // The cheapest generator there is: each run draws one seed, which the stream then mixes.
      { numRuns: RUNS, randomType: "congruential32" },
    );
  } finally {
    Error.stackTraceLimit = limit;
  }
}
