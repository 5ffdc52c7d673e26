import type { Request, RequestKind } from "../index.ts";
import { anyDiagnostics } from "./any-diagnostics.ts";
import { anyFileRead, anyFileWrite } from "./any-file.ts";
import type { Integers } from "./integers.ts";

type AnyRequest = { readonly [Kind in RequestKind]: (from: Integers) => Extract<Request, { readonly kind: Kind }> };

/** A well-formed request of each kind, drawn from a stream. */
export const anyRequest: AnyRequest = {
  "read-coils": (from) => ({ kind: "read-coils", address: from.uint16(), quantity: from.between(1, 2000) }),
  "read-discrete-inputs": (from) => ({
    kind: "read-discrete-inputs",
    address: from.uint16(),
    quantity: from.between(1, 2000),
  }),
  "read-holding-registers": (from) => ({
    kind: "read-holding-registers",
    address: from.uint16(),
    quantity: from.between(1, 125),
  }),
  "read-input-registers": (from) => ({
    kind: "read-input-registers",
    address: from.uint16(),
    quantity: from.between(1, 125),
  }),
  "write-single-coil": (from) => ({ kind: "write-single-coil", address: from.uint16(), value: from.boolean() }),
  "write-single-register": (from) => ({ kind: "write-single-register", address: from.uint16(), value: from.uint16() }),
  "write-multiple-coils": (from) => ({
    kind: "write-multiple-coils",
    address: from.uint16(),
    coils: from.booleans(from.length(1, 1968)),
  }),
  "write-multiple-registers": (from) => ({
    kind: "write-multiple-registers",
    address: from.uint16(),
    values: from.registers(from.length(1, 123)),
  }),
  "mask-write-register": (from) => ({
    kind: "mask-write-register",
    address: from.uint16(),
    andMask: from.uint16(),
    orMask: from.uint16(),
  }),
  "read-write-multiple-registers": (from) => ({
    kind: "read-write-multiple-registers",
    readAddress: from.uint16(),
    readQuantity: from.between(1, 125),
    writeAddress: from.uint16(),
    values: from.registers(from.length(1, 121)),
  }),
  "read-device-identification": (from) => ({
    kind: "read-device-identification",
    readDeviceIdCode: from.between(1, 4),
    objectId: from.byte(),
  }),
  "read-exception-status": () => ({ kind: "read-exception-status" }),
  diagnostics: (from) => anyDiagnostics(from, "request"),
  "get-comm-event-counter": () => ({ kind: "get-comm-event-counter" }),
  "get-comm-event-log": () => ({ kind: "get-comm-event-log" }),
  "report-server-id": () => ({ kind: "report-server-id" }),
  "read-file-record": anyFileRead,
  "write-file-record": anyFileWrite,
  "read-fifo-queue": (from) => ({ kind: "read-fifo-queue", address: from.uint16() }),
  "canopen-general-reference": (from) => ({
    kind: "canopen-general-reference",
    data: from.bytes(from.length(0, 251)),
  }),
  "user-defined": (from) => ({
    kind: "user-defined",
    functionCode: from.boolean() ? from.between(65, 72) : from.between(100, 110),
    data: from.bytes(from.length(0, 252)),
  }),
};
