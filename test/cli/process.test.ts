import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createMemoryHandler, createServer, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modwarden, startModwarden } from "./modwarden.ts";

let server: ModbusServer;
let url: string;

beforeAll(async () => {
  server = createServer(createMemoryHandler({ holdingRegisters: 100 }));
  const { port } = await server.listen("modbus+tcp://127.0.0.1:0");
  url = `modbus+tcp://127.0.0.1:${port}`;
});
afterAll(() => server.close());

describe("the command as a process", () => {
  it("ends with the exit codes that scripts branch on", async () => {
    const codes = await Promise.all(
      [
        ["read", url, "holding", "0"],
        ["decode", "00"],
        ["reed", url],
        ["read", url, "holding", "100"],
        ["read", "modbus+tcp://127.0.0.1:1", "holding", "0"],
      ].map(async (args) => (await modwarden(args)).code),
    );
    expect(codes).toEqual([0, 1, 2, 3, 4]);
  });

  it("writes, reads back and keeps results on stdout apart from the rest", async () => {
    const written = await modwarden(["write", url, "holding", "7", "42", "--json"]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.stdout).toBe('{"unit":1,"table":"holding","address":7,"written":1}\n');
    const read = await modwarden(["read", url, "holding", "7", "--json"]);
    expect(read.stdout).toBe('{"unit":1,"table":"holding","address":7,"quantity":1,"registers":[42],"values":[42]}\n');
    const failed = await modwarden(["read", url, "holding", "100", "--json"]);
    expect(failed.stdout).toBe(
      '{"error":{"code":"ERR_MODBUS_EXCEPTION","exception":2,"name":"illegal data address"}}\n',
    );
    expect(failed.stderr).not.toBe("");
  });

  it("does not colour what is no terminal", async () => {
    const { stdout, stderr } = await modwarden(["--help"], { env: { NO_COLOR: undefined } });
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const running = startModwarden(["decode", "-", "--json"]);
    running.child.stdout.destroy();
    running.child.stdin.write("00\n".repeat(10_000));
    const { code, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stderr).toBe("");
  });
});

describe("sim", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("tells where it listens, serves, and ends cleanly on %s", async (signal) => {
    const running = startModwarden(["sim", "memory", "--listen", "modbus+tcp://127.0.0.1:0", "--json"]);
    const at = await running.ready("simulator");
    await running.ready("all");
    expect((await modwarden(["write", at, "holding", "1", "2", "--unit", "247"])).code).toBe(0);
    const read = await modwarden(["read", at, "holding", "0-1", "--unit", "247", "--json"]);
    expect(read.json).toEqual([expect.objectContaining({ unit: 247, registers: [0, 2] })]);
    const { code, json, stderr } = await running.stop(signal);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(json).toEqual([{ ready: "simulator", url: at }, { ready: "all" }]);
  });

  it("runs a plant, and listens at as many places as asked", async () => {
    const listen = ["--listen", "modbus+tcp://127.0.0.1:0"];
    const running = startModwarden(["sim", "energy-hall", ...listen, ...listen, "--json"]);
    await running.ready("all");
    const { json } = await running.stop();
    const urls = json.slice(0, -1).map((line) => (line as { url: string }).url);
    expect(new Set(urls).size).toBe(2);
  });

  it("ends with 2 for a plant that is none, and with 1 for a port that is taken", async () => {
    expect(await modwarden(["sim", "no-such-plant", "--json"])).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_PLANT" } }],
    });
    expect(await modwarden(["sim", "memory", "--listen", url, "--json"])).toMatchObject({
      code: 1,
      json: [{ error: { code: "ERR_ADDRESS_TAKEN" } }],
    });
  });
});

describe("the launcher", () => {
  const launcher = fileURLToPath(new URL("../../apps/cli/bin/modwarden.mjs", import.meta.url));

  it("starts the command under another Node, passes signals on and keeps the exit code", async () => {
    // Without the condition in its own arguments it has to start a second process, as it does under an older Node.
    const child = spawn(
      process.execPath,
      [launcher, "sim", "memory", "--listen", "modbus+tcp://127.0.0.1:0", "--json"],
      {
        env: { ...process.env, MODWARDEN_SOURCE: "1" },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let output = "";
    while (!output.includes('{"ready":"all"}')) output += String((await once(child.stdout, "data"))[0]);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    const wrong = spawn(process.execPath, [launcher, "no-such-command"], {
      env: { ...process.env, MODWARDEN_SOURCE: "1" },
      stdio: "ignore",
    });
    expect(await once(wrong, "exit")).toEqual([2, null]);
  });
});
