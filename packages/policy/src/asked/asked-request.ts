import { type FileRecord, type FileRecordReference, isUserDefined, type Request } from "@modwarden/protocol";
import { type FunctionReference, functionReference } from "../language/function-reference.ts";
import type { AskedText, FunctionText, RecordText } from "../language/text.ts";
import { AskedError } from "./asked-error.ts";

type DetailKey = "address" | "quantity" | "value" | "values" | "and" | "or" | "read" | "write" | "records";
const detailKeys = ["address", "quantity", "value", "values", "and", "or", "read", "write", "records"] as const;

/**
 * The request that `function` and the other keys describe; undefined for a function that has no codec, which is
 * judged by its code alone. Throws AskedError.
 */
export function askedRequest(asked: AskedText, text: FunctionText): Request | undefined {
  const reference = functionReference(text);
  const { code } = reference;
  switch (code) {
    case 1:
      return { kind: "read-coils", ...reading(asked, code) };
    case 2:
      return { kind: "read-discrete-inputs", ...reading(asked, code) };
    case 3:
      return { kind: "read-holding-registers", ...reading(asked, code) };
    case 4:
      return { kind: "read-input-registers", ...reading(asked, code) };
    case 5:
      return { kind: "write-single-coil", ...writingOne(asked, code, coil) };
    case 6:
      return { kind: "write-single-register", ...writingOne(asked, code, register) };
    case 15: {
      const { address, values } = writing(asked, code, coil);
      return { kind: "write-multiple-coils", address, coils: values };
    }
    case 16: {
      const { address, values } = writing(asked, code, register);
      return { kind: "write-multiple-registers", address, values: Uint16Array.from(values) };
    }
    case 22:
      only(asked, code, ["address", "and", "or"]);
      return {
        kind: "mask-write-register",
        address: given(asked.address, code, "address"),
        andMask: given(asked.and, code, "and"),
        orMask: given(asked.or, code, "or"),
      };
    case 23:
      return readingAndWriting(asked);
    default:
      return withoutRegisters(asked, reference);
  }
}

function withoutRegisters(asked: AskedText, { code, subfunction }: FunctionReference): Request | undefined {
  if (code === 20) return { kind: "read-file-record", records: recordsOf(asked, code).map(readRecord) };
  if (code === 21) return { kind: "write-file-record", records: recordsOf(asked, code).map(writeRecord) };
  if (code === 24) {
    only(asked, code, ["address"]);
    return { kind: "read-fifo-queue", address: given(asked.address, code, "address") };
  }
  only(asked, code, []);
  if ((code === 8 || code === 43) && subfunction === undefined) {
    throw new AskedError(`function ${code} needs its sub-function: "${code}/${code === 8 ? 1 : 14}"`);
  }
  if (code === 7) return { kind: "read-exception-status" };
  if (code === 8) return { kind: "diagnostics", subFunction: subfunction ?? 0, data: new Uint8Array(2) };
  if (code === 11) return { kind: "get-comm-event-counter" };
  if (code === 12) return { kind: "get-comm-event-log" };
  if (code === 17) return { kind: "report-server-id" };
  if (code === 43 && subfunction === 13) return { kind: "canopen-general-reference", data: new Uint8Array(0) };
  if (code === 43 && subfunction === 14) {
    return { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 };
  }
  return isUserDefined(code) ? { kind: "user-defined", functionCode: code, data: new Uint8Array(0) } : undefined;
}

function recordsOf(asked: AskedText, code: number): readonly RecordText[] {
  only(asked, code, ["records"]);
  return given(asked.records, code, "records");
}

function readRecord({ file, record, quantity, values }: RecordText): FileRecordReference {
  if (values !== undefined) throw new AskedError("function 20 reads records: quantity, no values");
  return { file, record, length: given(quantity, 20, "the quantity of each record") };
}

function writeRecord({ file, record, quantity, values }: RecordText): FileRecord {
  if (quantity !== undefined) throw new AskedError("function 21 writes records: values, no quantity");
  return { file, record, values: Uint16Array.from(given(values, 21, "the values of each record"), register) };
}

function reading(asked: AskedText, code: number): { readonly address: number; readonly quantity: number } {
  only(asked, code, ["address", "quantity"]);
  return { address: given(asked.address, code, "address"), quantity: asked.quantity ?? 1 };
}

function writing<Value>(
  asked: AskedText,
  code: number,
  convert: (value: number | boolean | string) => Value,
): { readonly address: number; readonly values: readonly Value[] } {
  only(asked, code, ["address", "quantity", "value", "values"]);
  const address = given(asked.address, code, "address");
  if (asked.value !== undefined && asked.values !== undefined) throw new AskedError("give value or values, not both");
  const values = asked.values ?? [given(asked.value, code, "value or values")];
  if (asked.quantity !== undefined && asked.quantity !== values.length) {
    throw new AskedError(`quantity is ${asked.quantity}, but there are ${values.length} values`);
  }
  return { address, values: values.map(convert) };
}

function writingOne<Value>(
  asked: AskedText,
  code: number,
  convert: (value: number | boolean | string) => Value,
): { readonly address: number; readonly value: Value } {
  const { address, values } = writing(asked, code, convert);
  const [value] = values;
  if (value === undefined || values.length > 1) throw new AskedError(`function ${code} writes one value`);
  return { address, value };
}

function readingAndWriting(asked: AskedText): Request {
  only(asked, 23, ["read", "write"]);
  const { read, write } = asked;
  if (typeof read !== "object" || typeof write !== "object") {
    throw new AskedError("function 23 needs read: { address, quantity } and write: { address, values }");
  }
  return {
    kind: "read-write-multiple-registers",
    readAddress: read.address,
    readQuantity: read.quantity,
    writeAddress: write.address,
    values: Uint16Array.from(write.values, register),
  };
}

/** A key that says nothing about the request would be ignored, and a test must not seem to test what it does not. */
function only(asked: AskedText, code: number, keys: readonly DetailKey[]): void {
  for (const key of detailKeys) {
    if (asked[key] !== undefined && !keys.includes(key)) throw new AskedError(`function ${code} has no ${key}`);
  }
}

function given<Value>(value: Value | undefined, code: number, name: string): Value {
  if (value === undefined) throw new AskedError(`function ${code} needs ${name}`);
  return value;
}

function coil(value: number | boolean | string): boolean {
  if (value === 0 || value === 1) return value === 1;
  if (typeof value !== "boolean") throw new AskedError(`${value}: a coil is 0 or 1`);
  return value;
}

function register(value: number | boolean | string): number {
  const whole = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65535;
  if (!whole) throw new AskedError(`${value}: a register of a function is raw, 0 to 65535`);
  return value;
}
