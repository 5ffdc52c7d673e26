import { accessesOf, type Location, operationOf, type Table } from "@modwarden/access";
import { encodeRequest, MBAP_HEADER, type Request } from "@modwarden/protocol";
import type { Asker } from "./asker.ts";
import type { Bus } from "./bus.ts";
import type { LineConfiguration } from "./configuration.ts";
import type { LineContext } from "./line-context.ts";
import type { Slot } from "./slot.ts";

const READS = {
  coil: "read-coils",
  discrete: "read-discrete-inputs",
  holding: "read-holding-registers",
  input: "read-input-registers",
} as const satisfies Record<Table, Request["kind"]>;

/** The request that reads these. */
export function readOf({
  table,
  address,
  quantity,
}: {
  readonly table: Table;
  readonly address: number;
  readonly quantity: number;
}): Request {
  return { kind: READS[table], address, quantity };
}

/** The table that a request reads; undefined when it reads none. */
export function tableRead(request: Request): string | undefined {
  return Object.entries(READS).find(([, kind]) => kind === request.kind)?.[0];
}

/** The gateway as who asks: it has no address of its own on this side. */
export function ownLocation({ site, gateway, zone }: LineConfiguration): Location {
  return { site, gateway, ...(zone === undefined ? {} : { zone }), source: gateway };
}

/**
 * Makes `slot` a request of the gateway itself. No rule of a site permits it, `rule` says what for it is: the gateway
 * asks for nothing but reads.
 */
export function ownRequest(
  slot: Slot,
  request: Request,
  by: { readonly asker: Asker; readonly bus: Bus; readonly context: LineContext; readonly rule: string },
): void {
  const { clock, configuration, epoch, policy } = by.context;
  slot.session = by.asker;
  slot.bus = by.bus;
  slot.epoch = epoch;
  slot.arrivedMs = clock.monotonicMs();
  slot.transaction = 0;
  slot.unit = by.bus.device.unit;
  slot.requestBytes = encodeRequest(request, slot.requestPdu, 0);
  slot.functionCode = slot.requestPdu[0] ?? 0;
  slot.request = request;
  slot.operation = operationOf(slot.functionCode, request);
  slot.accesses = accessesOf(request, by.bus.where);
  slot.subject = { id: configuration.gateway, role: null };
  slot.decision = { permit: true, rules: [by.rule], policy: policy.hash };
}

/** The exception that stands in the slot's reply, whoever gave it. */
export function exceptionOf({ reply, replyBytes }: Slot): number | undefined {
  if (replyBytes === 0 || ((reply[MBAP_HEADER] ?? 0) & 0x80) === 0) return undefined;
  return reply[MBAP_HEADER + 1];
}
