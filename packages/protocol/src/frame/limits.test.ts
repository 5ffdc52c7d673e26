import { describe, expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import { encodeRequest, encodeResponse } from "../pdu/pdu.ts";
import type { Direction } from "../pdu/refuse.ts";
import { messageToJson } from "../pdu/to-json.ts";
import { refusal } from "../testing/refusal.ts";
import { files } from "../testing/vectors/limits/files.ts";
import type { Cases, FunctionCases } from "../testing/vectors/limits/function-cases.ts";
import { others } from "../testing/vectors/limits/others.ts";
import { reads } from "../testing/vectors/limits/reads.ts";
import { serialLine } from "../testing/vectors/limits/serial-line.ts";
import { writes } from "../testing/vectors/limits/writes.ts";
import { type DecodedFrame, decodeFrame, encodeFrame, type FrameTransport } from "./single.ts";

const all: readonly FunctionCases[] = [...reads, ...writes, ...serialLine, ...files, ...others];
const transports: readonly FrameTransport[] = ["pdu", "tcp", "rtu", "ascii"];
const directions: readonly Direction[] = ["request", "response"];

/** Every function that there is. MODBUS Application Protocol V1.1b3 § 5.1, § 6 */
const functions = [
  "canopen-general-reference",
  ...[0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20].map((subFunction) => `diagnostics/${subFunction}`),
  "exception",
  "get-comm-event-counter",
  "get-comm-event-log",
  "mask-write-register",
  "read-coils",
  "read-device-identification",
  "read-discrete-inputs",
  "read-exception-status",
  "read-fifo-queue",
  "read-file-record",
  "read-holding-registers",
  "read-input-registers",
  "read-write-multiple-registers",
  "report-server-id",
  ...[65, 66, 67, 68, 69, 70, 71, 72].map((code) => `user-defined/${code}`),
  ...[100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110].map((code) => `user-defined/${code}`),
  "write-file-record",
  "write-multiple-coils",
  "write-multiple-registers",
  "write-single-coil",
  "write-single-register",
];
/** Nobody asks for an exception, and nobody answers what makes it fall silent. */
const oneSided: Readonly<Record<string, Direction>> = { exception: "request", "diagnostics/4": "response" };

test("every function has valid, limit, beyond-limit and truncated cases in every direction that it has", () => {
  expect(all.map(({ of }) => of).toSorted()).toEqual(functions.toSorted());
  for (const one of all) {
    for (const direction of directions) {
      const cases = one[direction];
      const cells = cases === undefined ? 0 : [cases.valid, cases.limit, cases.beyond, cases.truncated];
      const filled = cells === 0 ? 0 : cells.filter((cell) => cell.length > 0).length;
      expect([one.of, direction, filled]).toEqual([one.of, direction, oneSided[one.of] === direction ? 0 : 4]);
    }
  }
});

/** The function of a message, as the table names it. */
function nameOf({ message }: DecodedFrame): string {
  if (message.kind === "diagnostics") return `diagnostics/${message.subFunction}`;
  return message.kind === "user-defined" ? `user-defined/${message.functionCode}` : message.kind;
}

function encoded(frame: DecodedFrame): string {
  const out = new Uint8Array(253);
  const { direction, message } = frame;
  return toHex(
    out.subarray(0, direction === "request" ? encodeRequest(message, out, 0) : encodeResponse(message, out, 0)),
  );
}

function accepts(of: string, direction: Direction, { valid, limit }: Cases): void {
  for (const { frame, message } of [...valid, ...limit]) {
    const pdu = parseHex(frame);
    for (const transport of transports) {
      const decoded = decodeFrame(transport, direction, encodeFrame({ transport, unit: 1 }, pdu));
      expect(messageToJson(direction, decoded.message)).toMatchObject(message);
      expect(nameOf(decoded)).toBe(of);
      expect(encoded(decoded)).toBe(toHex(pdu));
    }
  }
}

function refuses(direction: Direction, { beyond, truncated }: Cases): void {
  for (const [frame, because] of [...beyond, ...truncated]) {
    const pdu = parseHex(frame);
    for (const transport of transports) {
      const whole = encodeFrame({ transport, unit: 1 }, pdu);
      // An envelope around an empty PDU, or one that is too long, is refused for itself.
      const envelope = transport !== "pdu" && (pdu.length === 0 || pdu.length > 253);
      const seen = refusal(() => decodeFrame(transport, direction, whole));
      expect([transport, frame, seen]).toEqual([transport, frame, envelope ? "frame" : because]);
    }
  }
}

describe.each(directions)("%s", (direction) => {
  test.each(all.filter((one) => one[direction] !== undefined))("$of", (one) => {
    const cases = one[direction]!;
    accepts(one.of, direction, cases);
    refuses(direction, cases);
  });
});

test("what makes a server fall silent has no response, whatever it says", () => {
  for (const data of ["", "0000", "0001"]) {
    expect(refusal(() => decodeFrame("pdu", "response", parseHex(`08 0004 ${data}`)))).toBe("response");
  }
});
