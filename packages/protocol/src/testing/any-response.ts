import type { DeviceObject, ExceptionResponse, ReadDeviceIdentificationResponse, Response } from "../index.ts";
import { anyDiagnostics } from "./any-diagnostics.ts";
import { anyFileReadAnswer } from "./any-file.ts";
import { anyRequest } from "./any-request.ts";
import type { Integers } from "./integers.ts";

type AnyResponse = {
  readonly [Kind in Response["kind"]]: (from: Integers) => Extract<Response, { readonly kind: Kind }>;
} & { readonly exception: (from: Integers) => ExceptionResponse };

/** A well-formed response of each kind, and the exception, drawn from a stream. */
export const anyResponse: AnyResponse = {
  "read-coils": (from) => ({ kind: "read-coils", bytes: from.bytes(from.length(1, 250)) }),
  "read-discrete-inputs": (from) => ({ kind: "read-discrete-inputs", bytes: from.bytes(from.length(1, 250)) }),
  "read-holding-registers": (from) => ({
    kind: "read-holding-registers",
    registers: from.registers(from.length(1, 125)),
  }),
  "read-input-registers": (from) => ({ kind: "read-input-registers", registers: from.registers(from.length(1, 125)) }),
  "write-single-coil": anyRequest["write-single-coil"],
  "write-single-register": anyRequest["write-single-register"],
  "write-multiple-coils": (from) => ({
    kind: "write-multiple-coils",
    address: from.uint16(),
    quantity: from.between(1, 1968),
  }),
  "write-multiple-registers": (from) => ({
    kind: "write-multiple-registers",
    address: from.uint16(),
    quantity: from.between(1, 123),
  }),
  "mask-write-register": anyRequest["mask-write-register"],
  "read-write-multiple-registers": (from) => ({
    kind: "read-write-multiple-registers",
    registers: from.registers(from.length(1, 125)),
  }),
  "read-device-identification": anyIdentification,
  "read-exception-status": (from) => ({ kind: "read-exception-status", status: from.byte() }),
  diagnostics: (from) => anyDiagnostics(from, "response"),
  "get-comm-event-counter": (from) => ({
    kind: "get-comm-event-counter",
    status: from.boolean() ? 0xffff : 0,
    eventCount: from.uint16(),
  }),
  "get-comm-event-log": (from) => ({
    kind: "get-comm-event-log",
    status: from.boolean() ? 0xffff : 0,
    eventCount: from.uint16(),
    messageCount: from.uint16(),
    events: from.bytes(from.length(0, 64)),
  }),
  "report-server-id": (from) => ({ kind: "report-server-id", data: from.bytes(from.length(1, 251)) }),
  "read-file-record": anyFileReadAnswer,
  "write-file-record": anyRequest["write-file-record"],
  "read-fifo-queue": (from) => ({ kind: "read-fifo-queue", values: from.registers(from.length(0, 31)) }),
  "canopen-general-reference": anyRequest["canopen-general-reference"],
  "user-defined": anyRequest["user-defined"],
  exception: (from) => ({ kind: "exception", functionCode: from.between(0, 127), exception: from.between(1, 255) }),
};

function anyIdentification(from: Integers): ReadDeviceIdentificationResponse {
  const objects: DeviceObject[] = [];
  let room = 253 - 7;
  for (let count = from.length(1, 20); count > 0 && room >= 2; count--) {
    const value = from.bytes(from.length(0, Math.min(room - 2, 40)));
    objects.push({ id: from.byte(), value });
    room -= 2 + value.length;
  }
  const moreFollows = from.boolean();
  return {
    kind: "read-device-identification",
    readDeviceIdCode: from.between(1, 4),
    conformityLevel: from.between(1, 3) | (from.boolean() ? 0x80 : 0),
    moreFollows,
    nextObjectId: moreFollows ? from.byte() : 0,
    objects,
  };
}
