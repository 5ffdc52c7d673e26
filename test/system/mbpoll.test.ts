import { execFile } from "node:child_process";
import { createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt, systemTest } from "./support.ts";

/** mbpoll is a client of libmodbus: everybody's idea of a plain Modbus client. It asks as a registered plain source. */
let device: ModbusServer;
let site: SiteFolder;
let holding: Uint16Array;
beforeAll(async () => {
  const memory = createMemoryHandler();
  holding = memory.tables.holdingRegisters;
  holding.set([17, 42, 65_535], 100);
  memory.tables.inputRegisters.set([1, 2, 3], 0);
  // 230.5 as a 32-bit float, most significant word first.
  memory.tables.inputRegisters.set([0x4366, 0x8000], 10);
  memory.tables.coils.set([1, 0, 1, 1], 5);
  device = createServer(memory);
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
  const added = await modwarden(
    ["identity", "add", "hmi", "--kind", "client", "--role", "Viewer", "--site", site.file],
    {
      from: "built",
    },
  );
  expect(added.code, added.stderr).toBe(0);
});
afterAll(async () => {
  site.remove();
  await device.close();
});

function mbpoll(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    execFile(program, ["-m", "tcp", "-a", "1", "-0", "-1", ...args], { timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, text: `${stdout}${stderr}` });
    });
  });
}

/** "[100]: 17" as mbpoll prints a value. */
function values(text: string): string[] {
  return [...text.matchAll(/^\[(\d+)\]:\s+(.+?)\s*$/gm)].map(([, address, value]) => `${address}=${value}`);
}

describe("mbpoll through the gateway", () => {
  systemTest(
    ["mbpoll"],
    "reads registers, coils and floats right, and is refused a write",
    async ([program], context) => {
      const running = startBuilt(context, ["up", site.file, "--json"]);
      await running.ready("all");
      const line = await running.line((text) => text.includes("modbus+tcp://"));
      const port = new URL((JSON.parse(line) as { url: string }).url).port;
      const at = ["-p", port];

      const registers = await mbpoll(program, [...at, "-t", "4", "-r", "100", "-c", "3", "127.0.0.1"]);
      expect(registers.code, registers.text).toBe(0);
      expect(values(registers.text)).toEqual(["100=17", "101=42", expect.stringMatching(/^102=65535/)]);

      const inputs = await mbpoll(program, [...at, "-t", "3", "-r", "0", "-c", "3", "127.0.0.1"]);
      expect(values(inputs.text)).toEqual(["0=1", "1=2", "2=3"]);

      const coils = await mbpoll(program, [...at, "-t", "0", "-r", "5", "-c", "4", "127.0.0.1"]);
      expect(values(coils.text)).toEqual(["5=1", "6=0", "7=1", "8=1"]);

      const float = await mbpoll(program, [...at, "-t", "3:float", "-B", "-r", "10", "-c", "1", "127.0.0.1"]);
      expect(values(float.text)).toEqual(["10=230.5"]);

      const before = holding.slice();
      const write = await mbpoll(program, [...at, "-t", "4", "-r", "100", "127.0.0.1", "99"]);
      expect(write.code).not.toBe(0);
      expect(write.text).toContain("Illegal function");
      expect(holding).toEqual(before);

      const stopped = await running.stop("SIGTERM");
      expect(stopped.code).toBe(0);
    },
  );
});
