import { join } from "node:path";
import {
  createMemoryHandler,
  createServer,
  formatModbusUrl,
  type MemoryHandler,
  type ModbusServer,
} from "@modwarden/modbus";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

const schemes = ["udp", "unix", "rtutcp", "asciitcp"] as const;

describe.each(schemes)("requests over modbus+%s", (scheme) => {
  let memory: MemoryHandler;
  let server: ModbusServer;
  let url: string;

  beforeEach(async () => {
    memory = createMemoryHandler();
    server = createServer(memory);
    const place = scheme === "unix" ? join(temporaryFolder(), "m.sock") : "127.0.0.1:0";
    url = formatModbusUrl(await server.listen(`modbus+${scheme}://${place}`));
  });
  afterEach(() => server.close());

  it("read, write and raw reach the device", async () => {
    const wrote = await runHere(["write", url, "holding", "4", "21.5", "--as", "f32", "--json"]);
    expect(wrote).toMatchObject({ code: 0, json: [{ unit: 1, table: "holding", address: 4, written: 2 }] });
    const read = await runHere(["read", `${url}?unit=7`, "holding", "4", "--as", "f32", "--json"]);
    expect(read).toMatchObject({ code: 0, json: [{ unit: 7, values: [21.5] }] });
    expect(await runHere(["raw", url, "03 0004 0001"])).toMatchObject({ code: 0, stdout: "030241ac\n" });
  });

  it("unit 0 is every device of a line, and the device itself elsewhere", async () => {
    const line = scheme.endsWith("tcp");
    const { code, stderr } = await runHere(["write", url, "coil", "0", "on", "--unit", "0"], { typed: "y\n" });
    expect(code).toBe(0);
    expect(memory.tables.coils[0]).toBe(1);
    expect(stderr).toContain(line ? "every device" : "unit 0");
    expect(await runHere(["read", url, "coil", "0", "--unit", "0"])).toMatchObject({ code: line ? 2 : 0 });
    const raw = await runHere(["raw", url, "05 0001 ff00", "--unit", "0", "--json"]);
    expect(raw).toMatchObject({ code: 0, json: [{ unit: 0, response: line ? "" : "050001ff00" }] });
    const text = await runHere(["raw", url, "05 0001 ff00", "--unit", "0"]);
    expect(text).toMatchObject({ code: 0, stdout: line ? "" : "050001ff00\n" });
  });

  it("nobody there ends with 4", async () => {
    await server.close();
    expect(await runHere(["read", url, "holding", "0", "--timeout", "50"])).toMatchObject({ code: 4, stdout: "" });
  });
});

it("a serial port that is not there is unreachable", async () => {
  const { code, json } = await runHere(["read", "modbus+rtu:///dev/not-there?unit=1", "holding", "0", "--json"]);
  expect({ code, json }).toMatchObject({ code: 4, json: [{ error: { code: "ERR_MODBUS_NO_CONNECTION" } }] });
});

it("devices on a serial port have to be told apart from their neighbours", async () => {
  const { code, stderr } = await runHere(["sim", "memory", "--listen", "modbus+rtu:///dev/not-there"]);
  expect(code).toBe(2);
  expect(stderr).toContain("unit=1");
});
