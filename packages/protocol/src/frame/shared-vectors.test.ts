import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ModbusError } from "../errors.ts";
import { parseHex, toHex } from "../hex.ts";
import { encodeRequest, encodeResponse } from "../pdu/pdu.ts";
import type { Direction } from "../pdu/refuse.ts";
import { messageToJson } from "../pdu/to-json.ts";
import { decodeFrame, encodeFrame, type FrameTransport } from "./single.ts";

interface SharedVector {
  readonly id: number;
  readonly transport: FrameTransport;
  readonly direction: Direction;
  readonly valid: boolean;
  readonly hex: string;
  readonly meaning: string;
  readonly expect: {
    readonly transactionId?: number;
    readonly unitId?: number;
    readonly pdu?: Readonly<Record<string, unknown>>;
  };
}

/** The collection lies beside the repository where it is shared; here stand the same frames in testing/vectors. */
const file = new URL("../../../../../shared/data/vectors.json", import.meta.url);
const vectors: readonly SharedVector[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).vectors : [];

function encodedAgain(vector: SharedVector): string {
  const frame = decodeFrame(vector.transport, vector.direction, parseHex(vector.hex));
  const pdu = new Uint8Array(253);
  const end =
    frame.direction === "request" ? encodeRequest(frame.message, pdu, 0) : encodeResponse(frame.message, pdu, 0);
  return toHex(encodeFrame(frame, pdu.subarray(0, end)));
}

describe.skipIf(vectors.length === 0)("the shared collection of vectors, where it lies beside the repository", () => {
  test.each(vectors.filter(({ valid }) => valid))("$id decodes: $meaning", (vector) => {
    const frame = decodeFrame(vector.transport, vector.direction, parseHex(vector.hex));
    const { fc, note, ...fields } = vector.expect.pdu ?? {};
    expect(messageToJson(frame.direction, frame.message)).toMatchObject({ function: fc, ...fields });
    expect(frame.unit).toBe(vector.expect.unitId);
    expect(frame.transaction).toBe(vector.expect.transactionId);
    expect(encodedAgain(vector)).toBe(vector.hex);
  });

  test.each(vectors.filter(({ valid }) => !valid))("$id is refused: $meaning", (vector) => {
    expect(() => decodeFrame(vector.transport, vector.direction, parseHex(vector.hex))).toThrow(ModbusError);
  });
});
