import {
  crc16,
  type Direction,
  encodeRequest,
  encodeResponse,
  functionCodeOf,
  type Request,
  type Response,
  rtuFrame,
} from "../index.ts";
import { pduLength } from "../pdu/length.ts";
import { anyRequest } from "./any-request.ts";
import { anyResponse } from "./any-response.ts";
import type { Integers } from "./integers.ts";

/** A frame as it is heard, or noise between frames. */
export interface Heard {
  readonly direction: Direction | "noise";
  readonly unit: number;
  readonly bytes: Uint8Array;
}

type Kind = keyof typeof anyRequest;
const withoutLength = new Set<string>(["canopen-general-reference", "user-defined"]);
const kinds = (Object.keys(anyRequest) as Kind[]).filter((kind) => !withoutLength.has(kind));
const out = new Uint8Array(253);

/** Return query data tells no length unless it is the usual one. */
function usual<Message extends Request | Response>(message: Message): boolean {
  return message.kind !== "diagnostics" || message.subFunction !== 0 || message.data.length === 2;
}

function requestFrame(from: Integers, unit: number): Heard & { readonly kind: Kind } {
  const kind = kinds[from.between(0, kinds.length - 1)]!;
  let request: Request = anyRequest[kind](from);
  while (!usual(request)) request = anyRequest[kind](from);
  const pdu = out.slice(0, encodeRequest(request, out, 0));
  return { kind, direction: "request", unit, bytes: rtuFrame(unit, pdu) };
}

/** A response to a request of this kind, or an exception. */
function responseFrame(from: Integers, unit: number, kind: Kind): Heard & { readonly functionCode: number } {
  let response: Response = anyResponse[kind](from);
  while (!usual(response)) response = anyResponse[kind](from);
  const functionCode = functionCodeOf(response);
  const exception = from.between(0, 7) === 0;
  const answer = exception ? ({ kind: "exception", functionCode, exception: from.between(1, 255) } as const) : response;
  const pdu = out.slice(0, encodeResponse(answer, out, 0));
  return { functionCode, direction: "response", unit, bytes: rtuFrame(unit, pdu) };
}

/** A response of any kind whose length can be told. */
export function anyResponseFrame(from: Integers, unit: number): Heard & { readonly functionCode: number } {
  return responseFrame(from, unit, kinds[from.between(0, kinds.length - 1)]!);
}

/** Random bytes, among them what looks like the beginning of a frame. */
export function anyNoise(from: Integers, most: number): Heard {
  const bytes = from.bytes(from.between(1, most));
  for (let count = from.between(0, 4); count > 0; count--) {
    const at = from.between(0, bytes.length - 1);
    bytes.set(Uint8Array.of(from.between(0, 4), from.between(1, 43), from.byte()).subarray(0, bytes.length - at), at);
  }
  return { direction: "noise", unit: -1, bytes };
}

/** What a server of unit 1 hears: requests to units 0 to 4, the answers of the others, and noise. */
export function anyConversation(from: Integers): Heard[] {
  const heard: Heard[] = [];
  let last = -1;
  for (let exchanges = from.between(1, 8); exchanges > 0; exchanges--) {
    if (from.between(0, 3) === 0) heard.push(anyNoise(from, 60));
    let unit = from.between(0, 4);
    // Nobody can tell the same question to a silent unit from its answer when both are the same bytes.
    if (unit === last) unit = (unit + 1) % 5;
    last = unit;
    const request = requestFrame(from, unit);
    heard.push(request);
    if (unit <= 1 || from.between(0, 4) === 0) continue;
    last = -1;
    heard.push(responseFrame(from, unit, request.kind));
  }
  return heard;
}

export function joined(heard: readonly Heard[]): Uint8Array {
  const bytes = new Uint8Array(heard.reduce((size, one) => size + one.bytes.length, 0));
  let at = 0;
  for (const one of heard) {
    bytes.set(one.bytes, at);
    at += one.bytes.length;
  }
  return bytes;
}

/** Where `bytes` are cut: whole, in pieces of any length, or byte by byte. */
export function cuts(from: Integers, bytes: Uint8Array): Uint8Array[] {
  const most = [1, 7, 60, 700][from.between(0, 3)]!;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = from.between(most === 1 ? 1 : 0, most);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

function fits(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4 || end - start > 256 || end > bytes.length) return false;
  return crc16(bytes, start, end - 2) === (bytes[end - 2]! | (bytes[end - 1]! << 8));
}

const noFunctions = new Map();

/** Whether the bytes at `start` look like a frame to somebody who takes this unit and code for one. */
function looksLikeFrame(bytes: Uint8Array, start: number, meant: number): boolean {
  for (const direction of ["request", "response"] as const) {
    const told = pduLength(direction, bytes, start + 1, bytes.length, noFunctions);
    const pdu = Math.max(told, bytes[start + 1] === 8 ? 5 : 0);
    if (start + 3 + pdu < meant && fits(bytes, start, start + 3 + pdu)) return true;
  }
  return meant > bytes.length && fits(bytes, start, bytes.length);
}

/**
 * Whether some of the bytes happen to be a frame with a right CRC that was not meant: one try in 65,536 is. No splitter
 * could tell, so a test draws others. `listens`: which frames are looked for at all; the line is quiet behind the last.
 */
export function accident(heard: readonly Heard[], listens: (unit: number, functionCode: number) => boolean): boolean {
  const bytes = joined(heard);
  let at = 0;
  for (const one of heard) {
    const isFrame = one.direction !== "noise" && listens(one.unit, one.bytes[1]!);
    const end = at + one.bytes.length;
    for (let start = at; start < (isFrame ? at + 1 : end); start++) {
      const meant = isFrame ? end : bytes.length + 1;
      if (listens(bytes[start]!, bytes[start + 1]!) && looksLikeFrame(bytes, start, meant)) return true;
    }
    at = end;
  }
  return false;
}
