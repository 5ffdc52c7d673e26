import { describe, expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import { encodeRequest, encodeResponse, requestSize, responseSize } from "../pdu/pdu.ts";
import type { Direction } from "../pdu/refuse.ts";
import { messageToJson } from "../pdu/to-json.ts";
import { refusal } from "../testing/refusal.ts";
import { asciiRequests, asciiResponses } from "../testing/vectors/ascii.ts";
import { longestRequests, longestResponses } from "../testing/vectors/longest.ts";
import { pduRequests, pduResponses } from "../testing/vectors/pdu.ts";
import { refused } from "../testing/vectors/refused.ts";
import { rtuRequests, rtuResponses } from "../testing/vectors/rtu.ts";
import { tcpRequests, tcpResponses } from "../testing/vectors/tcp.ts";
import type { Vector } from "../testing/vectors/vector.ts";
import { type DecodedFrame, decodeFrame, encodeFrame, type FrameTransport } from "./single.ts";

function bytesOf(transport: FrameTransport, frame: string): Uint8Array {
  if (transport !== "ascii") return parseHex(frame);
  const text = `${frame.replaceAll(" ", "")}\r\n`;
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function bytesAgain(frame: DecodedFrame): Uint8Array {
  if (frame.direction === "request") {
    const pdu = new Uint8Array(requestSize(frame.message));
    encodeRequest(frame.message, pdu, 0);
    return encodeFrame(frame, pdu);
  }
  const pdu = new Uint8Array(responseSize(frame.message));
  encodeResponse(frame.message, pdu, 0);
  return encodeFrame(frame, pdu);
}

/** Without the function's name; the name of a diagnostic sub-function stays. */
function fieldsOf(frame: DecodedFrame): Record<string, unknown> {
  const { name, ...fields } = messageToJson(frame.direction, frame.message);
  return frame.message.kind === "diagnostics" ? { ...fields, name } : fields;
}

const sets: readonly (readonly [FrameTransport, Direction, readonly Vector[]])[] = [
  ["pdu", "request", [...pduRequests, ...longestRequests]],
  ["pdu", "response", [...pduResponses, ...longestResponses]],
  ["tcp", "request", tcpRequests],
  ["tcp", "response", tcpResponses],
  ["rtu", "request", rtuRequests],
  ["rtu", "response", rtuResponses],
  ["ascii", "request", asciiRequests],
  ["ascii", "response", asciiResponses],
];

describe.each(sets)("a well-formed %s %s", (transport, direction, vectors) => {
  test.each(vectors)("$frame", ({ frame, message, unit, transaction }) => {
    const bytes = bytesOf(transport, frame);
    const decoded = decodeFrame(transport, direction, bytes);
    expect(fieldsOf(decoded)).toEqual(message);
    expect(decoded.unit).toBe(unit);
    expect(decoded.transaction).toBe(transaction);
    expect(toHex(bytesAgain(decoded))).toBe(toHex(bytes));
  });
});

describe.each(refused)("a malformed $transport $direction is refused: $because", (group) => {
  test.each(group.frames)("%s", (frame) => {
    const bytes = bytesOf(group.transport, frame);
    expect(refusal(() => decodeFrame(group.transport, group.direction, bytes))).toBe(group.because);
  });
});
