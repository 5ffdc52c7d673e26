import type { Access } from "@modwarden/access";
import type { Question } from "../../decide/question.ts";
import type { PolicyFile } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import type { PolicyLocation } from "../../rules/location.ts";
import { bitsOf } from "./limits.ts";
import { type MoveQuestions, momentFacts, moveFacts, moveQuestions } from "./moment.ts";
import { orderedRaw } from "./raw.ts";
import { sourceAddress } from "./source.ts";
import type { CedarRecord } from "./value.ts";

export interface CedarEntity {
  readonly uid: { readonly type: string; readonly id: string };
  readonly attrs: CedarRecord;
  readonly parents: readonly never[];
}

/** One authorisation: may this principal do this to this element? */
export interface CedarRequest {
  readonly principal: { readonly type: "Subject"; readonly id: string };
  readonly action: { readonly type: "Action"; readonly id: "read" | "write" };
  readonly resource: { readonly type: "Element"; readonly id: string };
  readonly context: CedarRecord;
  readonly entities: readonly CedarEntity[];
}

/**
 * A question as the authorisations that it consists of: one for each element of each access. It is permitted when
 * there is at least one and every one of them is permitted. Elements that cannot exist (beyond 65535, a unit that is
 * none) give an empty list, which is a refusal.
 */
export function cedarRequests(
  question: Question,
  file: PolicyFile,
  devices: readonly PolicyDevice[],
  location?: PolicyLocation,
): readonly CedarRequest[] {
  const { accesses, unit, functionCode } = question;
  const exist = accesses.every((access) => exists(access, functionCode));
  if (!Number.isInteger(unit) || unit < 0 || unit > 255 || !exist) return [];
  const principal = subjectOf(question);
  const common = { ...commonContext(question), ...location, ...momentFacts(question, file, devices) };
  const moves = moveQuestions(file);
  const device = devices.find(({ id }) => id === question.device);
  return accesses.flatMap((access) =>
    Array.from({ length: Math.max(1, access.quantity) }, (_, index): CedarRequest => {
      const address = access.address + index;
      const resource = elementOf(question, access, address);
      return {
        principal: { type: "Subject", id: principal.uid.id },
        action: { type: "Action", id: access.write ? "write" : "read" },
        resource: { type: "Element", id: resource.uid.id },
        context: { ...common, ...writtenFacts(question, access, address, device, moves) },
        entities: [principal, resource],
      };
    }),
  );
}

/** MODBUS Application Protocol V1.1b3 § 6.14: files are 1 to 65535, records 0 to 9999. */
function exists({ table, file, address, quantity }: Access, functionCode: number): boolean {
  if (![address, quantity].every((number) => Number.isInteger(number) && number >= 0)) return false;
  if (table !== null) return file === undefined && quantity >= 1 && address + quantity <= 65_536;
  if (file !== undefined) {
    const named = Number.isInteger(file) && file >= 1 && file <= 65_535;
    return [20, 21].includes(functionCode) && named && quantity >= 1 && address + quantity <= 10_000;
  }
  if (functionCode === 24) return quantity === 1 && address <= 65_535;
  return quantity === 0 && address === 0;
}

/** Who is not in the registry has no role, whatever the certificate says. */
function subjectOf({ subject, role, tags, kind }: Question): CedarEntity {
  const attrs: CedarRecord =
    subject === null
      ? { tags: [] }
      : { tags: tags ?? [], ...(role === null ? {} : { role }), ...(kind === undefined ? {} : { kind }) };
  return { uid: { type: "Subject", id: subject ?? "" }, attrs, parents: [] };
}

function elementOf({ unit, device }: Question, { table, file }: Access, address: number): CedarEntity {
  const what = file === undefined ? `${table ?? "function"} ${address}` : `file ${file} record ${address}`;
  const attrs = {
    ...{ unit, table: table ?? "none", address },
    ...(device === null ? {} : { device }),
    ...(file === undefined ? {} : { file }),
  };
  return { uid: { type: "Element", id: `${device ?? `unit ${unit}`} ${what}` }, attrs, parents: [] };
}

function commonContext({ functionCode, subfunction, transport, listener, source }: Question): CedarRecord {
  const address = source === undefined ? undefined : sourceAddress(source);
  return {
    function: functionCode,
    transport,
    ...(subfunction === undefined ? {} : { subfunction }),
    ...(listener === undefined ? {} : { listener }),
    ...(address === undefined ? {} : { source: { __extn: { fn: "ip", arg: address } } }),
  };
}

/** What the write says of this element, and of the points it belongs to. */
function writtenFacts(
  question: Question,
  access: Access,
  address: number,
  device: PolicyDevice | undefined,
  moves: MoveQuestions,
): CedarRecord {
  const { table, values, mask } = access;
  if (!access.write || table === null) return {};
  const value = values?.[address - access.address];
  const points = (device?.profile?.points ?? []).filter(
    (point) => point.table === table && point.address <= address && address < point.address + point.count,
  );
  const end = access.address + access.quantity;
  const whole = points.filter((point) => point.address >= access.address && point.address + point.count <= end);
  const raw = whole.flatMap((point) => {
    const at = point.address - access.address;
    const number = values === undefined ? undefined : orderedRaw(point, values.slice(at, at + point.count));
    return number === undefined ? [] : [[point.id, number] as const];
  });
  const touched = mask === undefined ? value : 65_535 - mask.and;
  return {
    ...(whole.length < points.length ? { partial: true } : {}),
    ...(value === undefined ? {} : { value }),
    ...(touched === undefined ? {} : { bits: bitsOf(touched) }),
    ...(raw.length === 0 ? {} : { raw: Object.fromEntries(raw) }),
    ...moveFacts(access, address, whole, question, moves),
  };
}
