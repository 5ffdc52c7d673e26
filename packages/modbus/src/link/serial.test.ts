import { describe, expect, test, vi } from "vitest";
import { createServer } from "../server/server.ts";
import { parseModbusUrl } from "../url.ts";
import { connectLink } from "./connect.ts";

const modules = vi.hoisted(() => ({ failure: undefined as Error | undefined }));

vi.mock("serialport", async (original) => {
  if (modules.failure !== undefined) throw modules.failure;
  return original();
});

describe("a serial port", () => {
  const url = parseModbusUrl("modbus+rtu:///no/such/port?unit=1");
  const noSerialPort = expect.objectContaining({
    code: "ERR_MODBUS_NO_SERIALPORT",
    message: expect.stringContaining("npm install serialport@13"),
  });

  test("without its package says what to install, to clients and servers", async () => {
    modules.failure = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(connectLink(url)).rejects.toEqual(noSerialPort);
    await expect(createServer({}).listen({ ...url, scheme: "ascii" })).rejects.toEqual(noSerialPort);
    vi.resetModules();
    modules.failure = new Error("wrong ELF class");
    await expect(connectLink(url)).rejects.toEqual(noSerialPort);
  });
});
