import { createMemoryHandler, createServer, type HandlerMethods, ServerException } from "@modwarden/modbus";
import type { Request } from "@modwarden/protocol";
import type { DeviceConfiguration } from "../configuration.ts";
import { adu } from "./client.ts";
import type { Rig } from "./rig.ts";

/** A device with a set point, and policies about it. */
export const SETPOINT = 0x10;
export const refused = "8601";

const head = "policy: 1\nmode: enforce\nroles: [Operator]\nrules:\n";
const reads = "  - { id: reads, permit: { roles: [Operator] }, units: [1-9], allow: [{ functions: [1, 2, 3, 4] }] }\n";

/** Everybody reads; `rules` are of Operators at unit 1 over plain TCP: id, entry, and what more stands in the rule. */
export function policyText(...rules: readonly (readonly [id: string, entry: string, more?: string, when?: string])[]) {
  const texts = rules.map(
    ([id, entry, more = "", when = ""]) =>
      `  - { id: ${id}, permit: { roles: [Operator] }, units: [1], allow: [{ ${entry} }], when: { transports: [tcp]${when} }${more} }\n`,
  );
  return `${head}${reads}${texts.join("")}`;
}

/** Its set point stands at 40. */
export function setpointDevice(more: HandlerMethods = {}): HandlerMethods {
  const memory = createMemoryHandler();
  memory.tables.holdingRegisters[SETPOINT] = 40;
  return { ...memory, ...more };
}

/** A device beside the rig's own, at unit 2. */
export interface OtherDevice {
  readonly configuration: DeviceConfiguration;
  readonly reached: readonly Request[];
  close(): Promise<void>;
}

export async function otherDevice(
  read: NonNullable<HandlerMethods["read-holding-registers"]>,
  more: Partial<DeviceConfiguration> = {},
): Promise<OtherDevice> {
  const reached: Request[] = [];
  const server = createServer((request, context) => {
    reached.push(request);
    if (request.kind !== "read-holding-registers") throw new ServerException(1);
    return read(request, context);
  });
  const { port } = await server.listen("modbus+tcp://127.0.0.1:0");
  const at = { unit: 2, host: "127.0.0.1", port, deviceUnit: 2, outstanding: 1, timeoutMs: 100 };
  return { configuration: { id: "valve", ...at, ...more }, reached, close: () => server.close() };
}

export function write(transaction: number, value: number, address: number = SETPOINT): Buffer {
  return adu(transaction, 1, `06 ${hex(address)} ${hex(value)}`);
}

/** The PDU that says that the set point was written. */
export function done(value: number): string {
  return `06${hex(SETPOINT)}${hex(value)}`;
}

export function pdu(reply: string): string {
  return reply.slice(14);
}

/** What reached the rig's device: values that were written, "read" for a read. */
export function reached({ reached: requests }: Rig): unknown[] {
  return requests.map((request) => (request.kind === "write-single-register" ? request.value : "read"));
}

export function decisions({ records }: Rig): unknown[] {
  return records.filter(({ kind }) => kind === "transaction").map((record) => record["decision"]);
}

function hex(word: number): string {
  return word.toString(16).padStart(4, "0");
}
