import type { Access } from "@modwarden/access";
import type { Question } from "../../decide/question.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { bitsOf } from "./limits.ts";
import { orderedRaw } from "./raw.ts";
import { sourceAddress } from "./source.ts";

/** A value of Cedar's JSON; a whole number beyond 2^53 is a bigint, which its writer has to write as digits. */
export type CedarValue =
  | boolean
  | number
  | bigint
  | string
  | readonly CedarValue[]
  | { readonly [attribute: string]: CedarValue | undefined };
type CedarRecord = Readonly<Record<string, CedarValue>>;

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
export function cedarRequests(question: Question, devices: readonly PolicyDevice[]): readonly CedarRequest[] {
  const { accesses, unit } = question;
  if (!Number.isInteger(unit) || unit < 0 || unit > 255 || !accesses.every(exists)) return [];
  const principal = subjectOf(question);
  const common = commonContext(question);
  const device = devices.find(({ id }) => id === question.device);
  return accesses.flatMap((access) =>
    Array.from({ length: access.table === null ? 1 : access.quantity }, (_, index): CedarRequest => {
      const address = access.address + index;
      const resource = elementOf(question, access, address);
      return {
        principal: { type: "Subject", id: principal.uid.id },
        action: { type: "Action", id: access.write ? "write" : "read" },
        resource: { type: "Element", id: resource.uid.id },
        context: { ...common, ...writtenFacts(access, address, device) },
        entities: [principal, resource],
      };
    }),
  );
}

function exists({ table, address, quantity }: Access): boolean {
  if (table === null) return address === 0;
  return quantity >= 1 && address >= 0 && address + quantity <= 65_536;
}

/** Who is not in the registry has no role, whatever the certificate says. */
function subjectOf({ subject, role, tags, kind }: Question): CedarEntity {
  const attrs: CedarRecord =
    subject === null
      ? { tags: [] }
      : { tags: tags ?? [], ...(role === null ? {} : { role }), ...(kind === undefined ? {} : { kind }) };
  return { uid: { type: "Subject", id: subject ?? "" }, attrs, parents: [] };
}

function elementOf({ unit, device }: Question, { table }: Access, address: number): CedarEntity {
  const place = device ?? `unit ${unit}`;
  const id = table === null ? place : `${place} ${table} ${address}`;
  const attrs = { unit, table: table ?? "none", address, ...(device === null ? {} : { device }) };
  return { uid: { type: "Element", id }, attrs, parents: [] };
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
function writtenFacts(access: Access, address: number, device: PolicyDevice | undefined): CedarRecord {
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
  };
}
