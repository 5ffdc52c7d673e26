import {
  createMemoryHandler,
  createServer,
  type MemoryHandler,
  type ModbusServer,
  ServerException,
} from "@modwarden/modbus";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runHere } from "../testing/terminal.ts";

const memory: MemoryHandler = createMemoryHandler({ holdingRegisters: 60_000 });
let server: ModbusServer;
let url: string;
let units: number[];

beforeAll(async () => {
  const ask = memory["read-holding-registers"]!;
  server = createServer({
    ...memory,
    "read-holding-registers": (request, context) => {
      units.push(context.unit);
      if (context.unit === 98) throw new ServerException(1);
      if (context.unit === 99) throw new ServerException(11);
      return ask(request, context);
    },
  });
  const { port } = await server.listen("modbus+tcp://127.0.0.1:0");
  url = `modbus+tcp://127.0.0.1:${port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  units = [];
  for (const table of Object.values(memory.tables)) table.fill(0);
});

describe("read", () => {
  it("prints registers in the shape that scripts rely on", async () => {
    memory.tables.holdingRegisters.set([17, 42]);
    const { code, json } = await runHere(["read", url, "holding", "0-1", "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([
      { unit: 1, table: "holding", address: 0, quantity: 2, registers: [17, 42], values: [17, 42] },
    ]);
  });

  it("prints bits in theirs", async () => {
    memory.tables.coils.set([1, 0, 1], 8);
    memory.tables.discreteInputs.set([1], 3);
    const coils = await runHere(["read", url, "coil", "8-10", "--json"]);
    expect(coils.json).toEqual([{ unit: 1, table: "coil", address: 8, quantity: 3, bits: [true, false, true] }]);
    const inputs = await runHere(["read", url, "discrete", "3", "--json"]);
    expect(inputs.json).toEqual([{ unit: 1, table: "discrete", address: 3, quantity: 1, bits: [true] }]);
  });

  it("takes as many registers as a value of the type has, in the order asked for", async () => {
    memory.tables.inputRegisters.set([0x41ac, 0x0000, 0x0000, 0x41ac], 0x10);
    const abcd = await runHere(["read", url, "input", "0x10", "--as", "f32", "--json"]);
    expect(abcd.json).toEqual([expect.objectContaining({ address: 16, quantity: 2, values: [21.5] })]);
    const cdab = await runHere(["read", url, "input", "18", "--as", "f32", "--order", "CDAB", "--json"]);
    expect(cdab.json).toEqual([expect.objectContaining({ values: [21.5] })]);
    const wide = await runHere(["read", url, "input", "16-19", "--as", "u64", "--json"]);
    // Not exact as a JSON number, so it is text.
    expect(wide.json).toEqual([expect.objectContaining({ values: [String(0x41ac_0000_0000_41acn)] })]);
  });

  it("shows values under each other, and a float with the digits it has", async () => {
    memory.tables.inputRegisters.set([0x4366, 0x72ec, 0x3f00, 0], 6);
    const { stdout } = await runHere(["read", url, "input", "6-13", "--as", "f32"]);
    expect(stdout.split("\n").map((line) => line.indexOf("["))).toEqual([30, 30, 30, 30, -1]);
    for (const shown of [" 230.44891 ", " 0.5 ", " 0 "]) expect(stdout).toContain(shown);
  });

  it("tells a person, not a script, what an exception 1 may mean", async () => {
    expect((await runHere(["read", url, "holding", "60000"])).stderr).not.toContain("audit tail");
    expect((await runHere(["read", url, "holding", "0", "--unit", "98"])).stderr).toContain("audit tail");
    expect((await runHere(["read", url, "holding", "0", "--unit", "98", "--json"])).stderr).not.toContain("audit tail");
  });

  it("goes to the unit of --unit, then of the URL, then 1", async () => {
    for (const args of [[url], [`${url}?unit=3`], [`${url}?unit=3`, "--unit", "4"]]) {
      const [target = "", ...options] = args;
      expect((await runHere(["read", target, "holding", "0", ...options])).code).toBe(0);
    }
    expect(units).toEqual([1, 3, 4]);
  });

  it("reads a point by its name", async () => {
    memory.tables.holdingRegisters[50_009] = 6554;
    const args = ["read", url, "holding", "setpoint", "--profile", "danfoss-fc51"];
    const { json } = await runHere([...args, "--json"]);
    expect(json).toEqual([
      expect.objectContaining({
        address: 50_009,
        quantity: 1,
        registers: [6554],
        values: [expect.closeTo(40, 2)],
        points: [expect.objectContaining({ id: "setpoint", unit: "%", quality: "good" })],
      }),
    ]);
    expect((await runHere(args)).stdout).toContain("setpoint");
  });

  it("asks for the register that holds a point's scale", async () => {
    // The inverter's power is in one register and its power of ten in the next.
    memory.tables.holdingRegisters.set([1500, 0xffff], 40_084);
    const profile = "sunspec-three-phase-inverter";
    const points = await runHere(["read", url, "holding", "40084", "--profile", profile, "--json"]);
    expect(points.json).toEqual([
      expect.objectContaining({ quantity: 1, points: [expect.objectContaining({ value: 150, quality: "good" })] }),
    ]);
  });

  it("tells an exception as one, and ends with 3", async () => {
    const { code, json, stderr } = await runHere(["read", url, "holding", "60000", "--json"]);
    expect(code).toBe(3);
    expect(json).toEqual([{ error: { code: "ERR_MODBUS_EXCEPTION", exception: 2, name: "illegal data address" } }]);
    expect(stderr).not.toBe("");
    expect((await runHere(["read", url, "holding", "0", "--unit", "99"])).code).toBe(3);
  });

  it("ends with 4 where nobody listens, and where nobody answers", async () => {
    const other = createServer(() => new Promise(() => undefined));
    const silent = await other.listen("modbus+tcp://127.0.0.1:0");
    const at = `modbus+tcp://127.0.0.1:${silent.port}`;
    const timedOut = await runHere(["read", at, "holding", "0", "--timeout", "20", "--json"]);
    expect(timedOut).toMatchObject({ code: 4, json: [{ error: { code: "ERR_MODBUS_TIMEOUT" } }] });
    await other.close();
    const gone = await runHere(["read", at, "holding", "0", "--json"]);
    expect(gone).toMatchObject({ code: 4, json: [{ error: { code: "ERR_MODBUS_NO_CONNECTION" } }] });
  });

  it.each([
    ["a table that is none", ["registers", "0"]],
    ["a range that runs backwards", ["holding", "9-3"]],
    ["an address beyond the last", ["holding", "65536"]],
    ["more registers than one request may have", ["holding", "0-125"]],
    ["a point without a profile", ["holding", "setpoint"]],
    ["a point that is not in the profile", ["holding", "speed", "--profile", "danfoss-fc51"]],
    ["a point of another table", ["input", "setpoint", "--profile", "danfoss-fc51"]],
    ["a profile that is none", ["holding", "0", "--profile", "no-such-device"]],
    ["registers that are no whole number of values", ["holding", "0-2", "--as", "f32"]],
    ["text without an end", ["holding", "0", "--as", "string"]],
    ["a type that is none", ["holding", "0", "--as", "u128"]],
    ["an identity on plain Modbus", ["holding", "0", "--identity", "hmi-2"]],
  ])("ends with 2 for %s", async (_, args) => {
    expect(await runHere(["read", url, ...args])).toMatchObject({ code: 2, stdout: "" });
  });

  it("ends with 2 for a type where there is one bit", async () => {
    const read = await runHere(["read", "modbus+tcp://127.0.0.1:1", "coil", "0", "--as", "f32"]);
    expect(read).toMatchObject({ code: 2, stderr: expect.stringContaining("one bit") });
    const write = await runHere(["write", "modbus+tcp://127.0.0.1:1", "coil", "0", "1", "--as", "s16"]);
    expect(write).toMatchObject({ code: 2, stdout: "" });
  });

  it("ends with 2 for an address that is none, and for TLS without an identity", async () => {
    expect((await runHere(["read", "127.0.0.1:502", "holding", "0"])).code).toBe(2);
    expect((await runHere(["read", "modbus+tls://127.0.0.1", "holding", "0"])).code).toBe(2);
  });
});

describe("write", () => {
  it("writes one register, several, and values of several registers", async () => {
    const { code, json } = await runHere(["write", url, "holding", "3", "7", "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([{ unit: 1, table: "holding", address: 3, written: 1 }]);
    const several = await runHere(["write", url, "holding", "4", "8", "0x9", "--json"]);
    expect(several.json).toEqual([{ unit: 1, table: "holding", address: 4, written: 2 }]);
    const float = await runHere(["write", url, "holding", "6", "-21.5", "--as", "f32", "--json"]);
    expect(float.json).toEqual([{ unit: 1, table: "holding", address: 6, written: 2 }]);
    expect(Array.from(memory.tables.holdingRegisters.subarray(3, 8))).toEqual([7, 8, 9, 0xc1ac, 0]);
  });

  it("writes coils", async () => {
    const { json } = await runHere(["write", url, "coil", "1", "on", "0", "true", "--json"]);
    expect(json).toEqual([{ unit: 1, table: "coil", address: 1, written: 3 }]);
    expect(Array.from(memory.tables.coils.subarray(0, 5))).toEqual([0, 1, 0, 1, 0]);
  });

  it("writes a point in its own units", async () => {
    const { code } = await runHere(["write", url, "holding", "setpoint", "40", "--profile", "danfoss-fc51"]);
    expect(code).toBe(0);
    expect(memory.tables.holdingRegisters[50_009]).toBe(6554);
  });

  it.each([
    ["", false],
    ["n\n", false],
    ["y\n", true],
    ["yes\n", true],
  ])("asks a person, shows what would change, and takes %j as it is meant", async (typed, written) => {
    memory.tables.holdingRegisters[10] = 5;
    const { code, stderr } = await runHere(["write", url, "holding", "10", "6"], { typed });
    expect(memory.tables.holdingRegisters[10]).toBe(written ? 6 : 5);
    expect(code).toBe(written ? 0 : 1);
    for (const shown of ["holding 10", "400011", "5 → 6"]) expect(stderr).toContain(shown);
  });

  it("does not ask with --yes", async () => {
    const { code } = await runHere(["write", url, "holding", "10", "6", "--yes"], { typed: "n\n" });
    expect(code).toBe(0);
    expect(memory.tables.holdingRegisters[10]).toBe(6);
  });

  it.each([
    ["a table that can only be read", ["input", "0", "1"]],
    ["a range", ["holding", "0-1", "1", "2"]],
    ["a value that does not fit", ["holding", "0", "65536"]],
    ["a value that is no number", ["holding", "0", "much"]],
    ["a negative value without a sign in its type", ["holding", "0", "-1"]],
    ["a state that is none", ["coil", "0", "2"]],
    ["two values for a point", ["holding", "setpoint", "1", "2", "--profile", "danfoss-fc51"]],
  ])("ends with 2 for %s, and nothing is written", async (_, args) => {
    expect((await runHere(["write", url, ...args])).code).toBe(2);
    expect(Array.from(memory.tables.holdingRegisters.subarray(0, 2))).toEqual([0, 0]);
  });
});

describe("raw", () => {
  it("prints the PDU that came back", async () => {
    memory.tables.holdingRegisters[0] = 0x2a;
    const { code, json } = await runHere(["raw", url, "03 0000 0001", "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([{ unit: 1, request: "0300000001", response: "0302002a" }]);
    expect((await runHere(["raw", url, "0300000001"])).stdout).toBe("0302002a\n");
  });

  it("sends what breaks the rules, and ends with 3 for an exception", async () => {
    const plain = await runHere(["raw", url, "0300000000"]);
    expect(plain).toMatchObject({ code: 3, stdout: "8303\n" });
    const { code, json } = await runHere(["raw", url, "63", "--json"]);
    expect(code).toBe(3);
    expect(json).toEqual([{ error: { code: "ERR_MODBUS_EXCEPTION", exception: 1, name: "illegal function" } }]);
  });

  it("ends with 2 for what is no hex, and for nothing", async () => {
    expect((await runHere(["raw", url, "zz"])).code).toBe(2);
    expect((await runHere(["raw", url, ""])).code).toBe(2);
  });
});

describe("--trace", () => {
  it("shows every frame on standard error and leaves the result as it is", async () => {
    memory.tables.holdingRegisters.set([17, 42]);
    const { code, json, stderr } = await runHere(["read", url, "holding", "0-1", "--json", "--trace"]);
    expect(code).toBe(0);
    expect(json).toEqual([expect.objectContaining({ registers: [17, 42] })]);
    const lines = stderr.split("\n").map((line) => line.replace(/^\S+ (..) \S+ /, "$1 "));
    expect(lines.slice(0, 2)).toEqual([
      "-> tx 0 unit 1: read 2 holding registers from 0 [000000000006010300000002]",
      expect.stringMatching(
        /^<- tx 0 unit 1: 2 holding registers = 17 42; after .* ms \[0000000000070103040011002a\]$/,
      ),
    ]);
  });

  it("shows what a failure looks like", async () => {
    const { code, stderr } = await runHere(["raw", url, "0300630001", "--unit", "99", "--trace"]);
    expect(code).toBe(3);
    expect(stderr).toContain("[00000000000363830b]");
  });
});
