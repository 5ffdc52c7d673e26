/** Serial ports: a pair of pseudo terminals stands for the line. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Client, connect, createMemoryHandler, createServer } from "@modwarden/modbus";
import { describe, expect, onTestFinished } from "vitest";
import { callSuite } from "../../packages/modbus/src/testing/call-suite.ts";
import type { Service, ServiceKind } from "../../packages/modbus/src/testing/services.ts";
import { findBinary, systemTest } from "./support.ts";

interface Line {
  /** The paths of its ends, which stay the same when it is plugged in again. */
  readonly ends: readonly [string, string];
  plug(): Promise<void>;
  /** As a USB adapter that is pulled out. */
  pull(): Promise<void>;
  close(): Promise<void>;
}

async function startLine(socat: string): Promise<Line> {
  const folder = await mkdtemp(join(tmpdir(), "line-"));
  const ends = [join(folder, "a"), join(folder, "b")] as const;
  let child: ReturnType<typeof spawn> | undefined;
  const line: Line = {
    ends,
    async plug() {
      const args = ["-d", "-d", ...ends.map((path) => `pty,raw,echo=0,link=${path}`)];
      const started = spawn(socat, args, { stdio: ["ignore", "ignore", "pipe"] });
      child = started;
      for await (const text of createInterface(started.stderr)) if (text.includes("starting data transfer")) break;
      started.stderr.resume();
    },
    async pull() {
      const gone = new Promise((resolve) => child?.once("close", resolve));
      child?.kill();
      await gone;
      child = undefined;
    },
    async close() {
      if (child !== undefined) await line.pull();
      await rm(folder, { recursive: true });
    },
  };
  await line.plug();
  return line;
}

/** A server on one end and a client on the other. */
function port(framing: "rtu" | "ascii", socat: string): ServiceKind {
  return {
    name: `a serial port, ${framing}`,
    framing,
    hearsEnd: false,
    exclusive: true,
    async open(handler, options): Promise<Service> {
      const line = await startLine(socat);
      const server = createServer(handler, options);
      await server.listen(`modbus+${framing}://${line.ends[0]}?unit=1&baud=115200`);
      return {
        server,
        connect: (clientOptions) => connect(`modbus+${framing}://${line.ends[1]}?unit=1&baud=115200`, clientOptions),
        async close() {
          await server.close();
          await line.close();
        },
      };
    },
  };
}

const socat = findBinary("socat");
if (socat !== undefined) for (const framing of ["rtu", "ascii"] as const) callSuite(port(framing, socat));

describe("a serial port", () => {
  async function plugged(program: string): Promise<Line> {
    const line = await startLine(program);
    onTestFinished(() => line.close());
    return line;
  }

  systemTest(["socat"], "is served again when its adapter comes back", async ([program]) => {
    const line = await plugged(program);
    const failures: string[] = [];
    const server = createServer(createMemoryHandler({ holdingRegisters: Uint16Array.of(7) }), {
      onDropped: (peer) => failures.push(peer),
    });
    onTestFinished(() => server.close());
    await server.listen(`modbus+rtu://${line.ends[0]}?unit=1`);
    const ask = async (): Promise<number[]> => {
      await using client: Client = await connect(`modbus+rtu://${line.ends[1]}?unit=1`, { timeoutMs: 2000 });
      return [...(await client.readHoldingRegisters(0, 1))];
    };
    expect(await ask()).toEqual([7]);
    const lost = await connect(`modbus+rtu://${line.ends[1]}?unit=9`, { timeoutMs: 60_000 });
    const open = expect(lost.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
    await line.pull();
    await open;
    await lost.closed;
    while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // At least one attempt finds nothing.
    while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(failures[0]).toBe(line.ends[0]);
    await line.plug();
    while (server.connections === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await ask()).toEqual([7]);
  });

  systemTest(["socat"], "is asked again by a client that reconnects when its adapter comes back", async ([program]) => {
    const line = await plugged(program);
    const server = createServer(createMemoryHandler({ holdingRegisters: Uint16Array.of(7) }));
    onTestFinished(() => server.close());
    await server.listen(`modbus+rtu://${line.ends[0]}?unit=1`);
    await using client = await connect(`modbus+rtu://${line.ends[1]}?unit=1`, {
      timeoutMs: 2000,
      reconnect: { minMs: 20, maxMs: 100, queueWhileDownMs: 30_000 },
    });
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    const waiting = new Promise<void>((resolve) => {
      client.onState(({ state }) => state === "waiting" && resolve());
    });
    await line.pull();
    await waiting;
    const read = client.readHoldingRegisters(0, 1);
    while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await line.plug();
    while (server.connections === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // The one that waited may have been sent before anybody served the other end.
    await read.catch(({ code }) => expect(code).toBe("ERR_MODBUS_TIMEOUT"));
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
  });

  systemTest(["socat"], "belongs to one process at a time", async ([program]) => {
    const line = await plugged(program);
    await using client = await connect(`modbus+rtu://${line.ends[0]}`);
    expect(client.peer).toBe(line.ends[0]);
    await expect(connect(`modbus+rtu://${line.ends[0]}`)).rejects.toMatchObject({ code: "ERR_MODBUS_NO_CONNECTION" });
  });

  systemTest(["socat"], "is not served without its units", async ([program]) => {
    const line = await plugged(program);
    const server = createServer(createMemoryHandler());
    onTestFinished(() => server.close());
    const badValue = { code: "ERR_MODBUS_BAD_VALUE" };
    await expect(server.listen(`modbus+rtu://${line.ends[0]}`)).rejects.toMatchObject(badValue);
    await expect(server.listen(`modbus+rtu://${line.ends[0]}`, { units: [0] })).rejects.toMatchObject(badValue);
    await server.listen(`modbus+rtu://${line.ends[0]}`, { units: [3, 4] });
    await using client = await connect(`modbus+rtu://${line.ends[1]}`, { timeoutMs: 300 });
    expect(await client.readCoils(0, 1, { unit: 4 })).toEqual([false]);
    await expect(client.readCoils(0, 1, { unit: 5 })).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
  });
});
