import { createHash } from "node:crypto";
import type { AuditRecord } from "../record/record.ts";
import type { ExportContext } from "./context.ts";
import { mainAccess, type RecordView, viewOf } from "./view.ts";
import type { ZeekLogName } from "./zeek-logs.ts";
import { diagnosticName, exceptionCodeName, functionName } from "./zeek-names.ts";
import type { ZeekValue } from "./zeek-text.ts";

/** One line of one log: its fields by name; those left out are not set. A `time` is microseconds since 1970. */
export interface ZeekRow {
  readonly log: ZeekLogName;
  readonly values: Readonly<Record<string, ZeekValue>>;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** So many characters that stand for `text`: the same ones in every export. */
function nameFor(text: string, length: number): string {
  const digest = createHash("sha256").update(text).digest();
  let name = "";
  for (let index = 0; index < length; index++) name += ALPHABET.charAt(digest.readUInt8(index) % ALPHABET.length);
  return name;
}

/** The rows of a record; none for a kind that no Zeek log has a place for: a roll-up is no request, a state no packet. */
export function zeekRows(record: AuditRecord, context: ExportContext): readonly ZeekRow[] {
  if (record.kind !== "transaction" && record.kind !== "finding") return [];
  const view = viewOf(record);
  const endUs = microsecondsOf(record.t);
  const startUs = endUs - Math.round(view.latencyUs ?? 0);
  const link = nameFor(`${context.log}:${record.seq}`, 16);
  const ends = connectionOf(view, context);
  const decided = { log: "modwarden", values: { ts: endUs, ...ends, ...decisionOf(view, link) } } as const;
  if (record.kind === "finding" || view.function === undefined) return [decided];
  const request = { ts: startUs, ...ends, tid: view.transaction, unit: mainAccess(view)?.unit };
  const name = functionName(view.function, false);
  return [
    ...messages(view, request, endUs),
    { log: "modbus_detailed", values: { ...request, func: name, ...detailOf(view, link) } },
    ...ofFunction22and23(view, { ...request, func: name, modbus_detailed_link_id: link }, endUs),
    decided,
  ];
}

type Values = ZeekRow["values"];

/** `modbus.log`: the request, and what was answered. */
function messages(view: RecordView, request: Values, endUs: number): readonly ZeekRow[] {
  const code = view.function ?? 0;
  const asked: ZeekRow = { log: "modbus", values: { ...request, func: functionName(code, false), pdu_type: "REQ" } };
  if (!wasAnswered(view)) return [asked];
  const exception = view.exception === undefined ? undefined : exceptionCodeName(view.exception);
  const func = functionName(code, exception !== undefined);
  return [asked, { log: "modbus", values: { ...request, ts: endUs, func, pdu_type: "RESP", exception } }];
}

function wasAnswered({ result, exception }: RecordView): boolean {
  return result === undefined || exception !== undefined;
}

function detailOf(view: RecordView, link: string): Values {
  const { accesses, exception, subfunction } = view;
  const access = accesses.length === 1 ? accesses[0] : undefined;
  const hasPlace = access?.table !== undefined;
  const isEcho = view.function === 5 || view.function === 6;
  const isLinked = view.function === 22 || view.function === 23;
  const diagnostic = view.function === 8 && subfunction !== undefined ? diagnosticName(subfunction) : undefined;
  return {
    address: view.function === 22 ? mainAccess(view)?.address : hasPlace ? access?.address : undefined,
    quantity: hasPlace ? access?.quantity : undefined,
    request_values: hasPlace ? access?.values : undefined,
    // Other writes are answered without values; an echo that differs is never passed on.
    response_values: isLinked
      ? undefined
      : isEcho && exception === undefined && wasAnswered(view)
        ? access?.values
        : view.returned,
    modbus_detailed_link_id: isLinked ? link : undefined,
    matched: wasAnswered(view),
    request_subfunction_code: diagnostic,
    response_subfunction_code:
      diagnostic !== undefined && wasAnswered(view) && exception === undefined ? diagnostic : undefined,
    exception_code: exception === undefined ? undefined : exceptionCodeName(exception),
    mei_type: view.function === 43 ? meiType(subfunction) : undefined,
  };
}

function meiType(subfunction: number | undefined): string | undefined {
  if (subfunction === undefined) return undefined;
  if (subfunction === 13) return "CANopen";
  if (subfunction === 14) return "Read Device Identification";
  return `invalid encapsulated interface transport mei-(0x${subfunction.toString(16).padStart(2, "0")})`;
}

/** The logs that functions 22 and 23 have of their own: a row for the request, one for an answer that is no exception. */
function ofFunction22and23(view: RecordView, request: Values, endUs: number): readonly ZeekRow[] {
  const write = view.accesses.find((access) => access.write === true);
  const read = view.accesses.find((access) => access.write === false);
  const both = (log: ZeekLogName, asked: Values, answered: Values): readonly ZeekRow[] => {
    const row: ZeekRow = { log, values: { ...request, ...direction(request, true), ...asked } };
    if (view.exception !== undefined || view.result !== undefined) return [row];
    return [row, { log, values: { ...request, ts: endUs, ...direction(request, false), ...answered } }];
  };
  if (view.function === 22) {
    const masks = { address: write?.address, and_mask: write?.and, or_mask: write?.or };
    return both("modbus_mask_write_register", masks, masks);
  }
  if (view.function !== 23) return [];
  const asked = {
    write_start_address: write?.address,
    write_registers: write?.values,
    read_start_address: read?.address,
    read_quantity: read?.quantity,
  };
  return both("modbus_read_write_multiple_registers", asked, { read_registers: view.returned });
}

function direction(request: Values, isRequest: boolean): Values {
  const client = [request["id.orig_h"], request["id.orig_p"]] as const;
  const server = [request["id.resp_h"], request["id.resp_p"]] as const;
  const [[from, fromPort], [to, toPort]] = isRequest ? [client, server] : [server, client];
  return {
    is_orig: isRequest,
    source_h: from,
    source_p: fromPort,
    destination_h: to,
    destination_p: toPort,
    request_response: isRequest ? "REQUEST" : "RESPONSE",
  };
}

function connectionOf({ from, source }: RecordView, { log, responder }: ExportContext): Values {
  return {
    uid: `C${nameFor(`${log} ${source ?? ""}`, 17)}`,
    "id.orig_h": from?.address,
    "id.orig_p": from?.port,
    "id.resp_h": responder?.address,
    "id.resp_p": responder?.port,
  };
}

function decisionOf(view: RecordView, link: string): Values {
  const { record, subject, findings } = view;
  const access = mainAccess(view);
  return {
    seq: record.seq,
    kind: record.kind,
    modbus_detailed_link_id: link,
    gateway: view.gateway,
    subject: subject.id,
    role: subject.role,
    device: access?.device,
    unit: access?.unit,
    func: view.function === undefined ? undefined : functionName(view.function, false),
    write: access?.write,
    points: access?.points,
    permit: view.permit,
    because: view.because,
    failed: view.failed,
    rules: view.permit === undefined ? undefined : view.rules,
    policy: view.policy,
    before: view.before,
    findings: findings.map(({ rule }) => rule),
    evidence: findings.map(({ evidence }) => evidence),
  };
}

function microsecondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
}
