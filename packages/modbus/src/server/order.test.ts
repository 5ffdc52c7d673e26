import { functionCodes, parseHex, type RequestKind, toHex } from "@modwarden/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient } from "../client/client.ts";
import { createMemoryLink } from "../link/memory.ts";
import type { HandlerFunction, HandlerMethods } from "./handler.ts";
import { createMemoryHandler } from "./memory-handler.ts";
import { createServer, type ModbusServer } from "./server.ts";

/**
 * One function over the wire. `malformed` also names what is not there, so that 03 before 02 is seen; `absent` is
 * well-formed. What a function does not have is undefined.
 */
interface Row {
  readonly kind: RequestKind;
  readonly good: string;
  readonly malformed: string;
  readonly absent?: string;
}

/** Tables of ten, file 1 of ten registers, a queue at 0. MODBUS Application Protocol V1.1b3 § 6 and § 7 */
const rows: readonly Row[] = [
  { kind: "read-coils", good: "01 0000 000a", malformed: "01 0064 07d1", absent: "01 0001 000a" },
  { kind: "read-discrete-inputs", good: "02 0000 000a", malformed: "02 0064 0000", absent: "02 0001 000a" },
  { kind: "read-holding-registers", good: "03 0000 000a", malformed: "03 0064 007e", absent: "03 0001 000a" },
  { kind: "read-input-registers", good: "04 0000 000a", malformed: "04 0064 0000", absent: "04 0001 000a" },
  { kind: "write-single-coil", good: "05 0009 ff00", malformed: "05 0064 0001", absent: "05 000a 0000" },
  { kind: "write-single-register", good: "06 0009 0001", malformed: "06 0064 0001 00", absent: "06 000a 0001" },
  { kind: "read-exception-status", good: "07", malformed: "07 00" },
  { kind: "diagnostics", good: "08 000b 0000", malformed: "08 000b 0001" },
  { kind: "get-comm-event-counter", good: "0b", malformed: "0b 00" },
  { kind: "get-comm-event-log", good: "0c", malformed: "0c 00" },
  {
    kind: "write-multiple-coils",
    good: "0f 0000 0009 02 0101",
    malformed: "0f 0064 0009 01 0101",
    absent: "0f 0002 0009 02 0101",
  },
  {
    kind: "write-multiple-registers",
    good: "10 0009 0001 02 0001",
    malformed: "10 0064 0001 03 0001",
    absent: "10 0009 0002 04 00010002",
  },
  { kind: "report-server-id", good: "11", malformed: "11 00" },
  {
    kind: "read-file-record",
    good: "14 07 06 0001 0000 000a",
    malformed: "14 08 06 0002 0000 0001 00",
    absent: "14 07 06 0001 0001 000a",
  },
  {
    kind: "write-file-record",
    good: "15 09 06 0001 0009 0001 0001",
    malformed: "15 09 06 0002 0000 0002 0001",
    absent: "15 09 06 0001 000a 0001 0001",
  },
  { kind: "mask-write-register", good: "16 0009 0000 0001", malformed: "16 0064 0000", absent: "16 000a 0000 0001" },
  {
    kind: "read-write-multiple-registers",
    good: "17 0000 000a 0009 0001 02 0001",
    malformed: "17 0064 007e 0064 0001 02 0001",
    absent: "17 0000 000a 000a 0001 02 0001",
  },
  { kind: "read-fifo-queue", good: "18 0000", malformed: "18 0064 00", absent: "18 0001" },
  { kind: "canopen-general-reference", good: "2b 0d 00", malformed: "2b" },
  { kind: "read-device-identification", good: "2b 0e 04 00", malformed: "2b 0e 05 64", absent: "2b 0e 04 64" },
  { kind: "user-defined", good: "41 00", malformed: "2b 0f" },
];

const memory: HandlerMethods = {
  ...createMemoryHandler({
    coils: 10,
    discreteInputs: 10,
    holdingRegisters: 10,
    inputRegisters: 10,
    exceptionStatus: 0,
    serverId: Uint8Array.of(1, 0xff),
    files: new Map([[1, new Uint16Array(10)]]),
    queues: new Map([[0, [1]]]),
    canopen: (data) => data,
  }),
  diagnostics: (request) => request,
  "get-comm-event-counter": ({ kind }) => ({ kind, status: 0, eventCount: 0 }),
  "get-comm-event-log": ({ kind }) => ({ kind, status: 0, eventCount: 0, messageCount: 0, events: new Uint8Array(0) }),
  "user-defined": (request) => request,
};

/** A device on which everything goes wrong once it is carried out. */
const broken = Object.fromEntries(
  Object.entries(memory).map(([kind, method]) => [
    kind,
    async (...asked: Parameters<HandlerFunction>) => {
      await (method as HandlerFunction)(...asked);
      throw new Error("execution fails");
    },
  ]),
) as HandlerMethods;

describe("the order of judgement: function (01), body (03), address (02), execution (04)", () => {
  const ends: { readonly client: Client; readonly server: ModbusServer }[] = [];

  function serve(handler: HandlerMethods): Client {
    const server = createServer(handler, { serialFunctions: true, onError: () => undefined });
    const link = createMemoryLink();
    server.accept(link.server);
    const client = createClient(link.client);
    ends.push({ client, server });
    return client;
  }

  let sound: Client;
  let failing: Client;
  beforeAll(() => {
    sound = serve(memory);
    failing = serve(broken);
  });
  afterAll(async () => {
    for (const { client, server } of ends) {
      await client.close();
      await server.close();
    }
  });

  const ask = async (client: Client, pdu: string) => toHex(await client.raw(parseHex(pdu)));
  const refusal = (pdu: string, exception: number) =>
    toHex(Uint8Array.of(0x80 | parseHex(pdu.slice(0, 2))[0]!, exception));

  test("has a row for every function", () => {
    const kinds = new Set(functionCodes.map(({ request }) => request.kind));
    expect(rows.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
  });

  test.each(rows)("$kind", async ({ kind, good, malformed, absent }) => {
    const { [kind]: _, ...without } = memory;
    // The station answers what a handler does not know of 8, 11 and 12, and 43 is known by its other half.
    if (!["diagnostics", "get-comm-event-counter", "get-comm-event-log"].includes(kind) && !good.startsWith("2b")) {
      const other = kind === "user-defined" ? good : malformed;
      expect(await ask(serve(without), other)).toBe(refusal(other, 1));
    }
    expect((await ask(sound, good)).startsWith(good.slice(0, 2))).toBe(true);
    expect(await ask(failing, malformed)).toBe(refusal(malformed, kind === "user-defined" ? 1 : 3));
    if (absent !== undefined) expect(await ask(failing, absent)).toBe(refusal(absent, 2));
    expect(await ask(failing, good)).toBe(refusal(good, 4));
  });

  test("a sub-function that is not there is a function that is not there", async () => {
    expect(await ask(failing, "08 0015 0001")).toBe("8801");
    expect(await ask(failing, "2b 0f 00")).toBe("ab01");
    for (const code of [0, 9, 73, 111, 128, 255]) {
      expect(await ask(failing, toHex(Uint8Array.of(code)))).toBe(toHex(Uint8Array.of(0x80 | code, 1)));
    }
  });
});
