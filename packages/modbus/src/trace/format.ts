import {
  describeRequest,
  describeResponse,
  type ExceptionResponse,
  type Response,
  toHex,
  unpackBits,
} from "@modwarden/protocol";
import type { TraceEvent, TraceRequest, TraceResponse } from "./event.ts";

/** Values of a response that are written out. */
const maxValues = 16;

/**
 * An event as one line: time in UTC, `->` sent and `<-` received, the peer, what it is, and the bytes in hex.
 * `14:03:11.204517 -> 192.0.2.7:502 tx 1 unit 1: read 2 holding registers from 0 [000100000006010300000002]`
 */
export function formatTrace(event: TraceEvent): string {
  const time = timeText(event.time);
  if (event.kind === "closed") {
    return `${time} -- ${event.peer} closed${event.cause === undefined ? "" : `: ${event.cause.message}`}`;
  }
  const head = `${time} ${event.outgoing ? "->" : "<-"} ${event.peer}`;
  if (event.kind === "noise") return `${head} no frame: ${event.fault.message} [${toHex(event.bytes)}]`;
  const place = `${event.transaction === undefined ? "" : ` tx ${event.transaction}`} unit ${event.unit}`;
  return `${head}${place}: ${meaning(event)} [${toHex(event.bytes)}]`;
}

function meaning(event: TraceRequest | TraceResponse): string {
  const fault = event.fault === undefined ? [] : [`fault: ${event.fault.message}`];
  if (event.kind === "request") {
    return [...(event.message === undefined ? [] : [describeRequest(event.message)]), ...fault].join("; ");
  }
  const described =
    event.message === undefined ? [] : [describeResponse(event.message) + valuesText(event, event.message)];
  const pairing =
    event.elapsedMs === undefined ? "to no request that was seen" : `after ${event.elapsedMs.toFixed(1)} ms`;
  return [...described, ...fault, pairing].join("; ");
}

/** The registers or bits themselves, as far as they go on a line. */
function valuesText(event: TraceResponse, message: Response | ExceptionResponse): string {
  if ("registers" in message) return listed(message.registers);
  if (message.kind !== "read-coils" && message.kind !== "read-discrete-inputs") return "";
  const asked = event.request !== undefined && "quantity" in event.request ? event.request.quantity : undefined;
  return listed(unpackBits(message.bytes, asked ?? 8 * message.bytes.length).map(Number));
}

function listed(values: ArrayLike<number>): string {
  const shown = Array.from({ length: Math.min(values.length, maxValues) }, (_, index) => values[index]);
  return ` = ${shown.join(" ")}${values.length > maxValues ? " …" : ""}`;
}

/** Hours to microseconds, UTC. */
function timeText(time: number): string {
  const clock = new Date(time).toISOString().slice(11, 23);
  const micros = Math.floor((time - Math.floor(time)) * 1000);
  return `${clock}${String(micros).padStart(3, "0")}`;
}
