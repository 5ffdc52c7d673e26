/** Peers that go without a word: a process that stands still, and a network whose cable is pulled. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@modwarden/modbus";
import { describe, expect, onTestFinished, test } from "vitest";
import { findBinary } from "./support.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A server of ours as a process of its own, in a network namespace when one is named. */
async function startServer(host: string, namespace?: string): Promise<{ readonly pid: number; readonly url: string }> {
  const code = `
    import { createMemoryHandler, createServer } from "@modwarden/modbus";
    const server = createServer(createMemoryHandler());
    const { port } = await server.listen("modbus+tcp://${host}:0");
    console.log(port);
    process.stdin.on("end", () => process.exit()).resume();`;
  const node = [process.execPath, "--conditions=@modwarden/source", "--input-type=module", "--eval", code];
  const [command, ...args] = namespace === undefined ? node : ["ip", "netns", "exec", namespace, ...node];
  const child = spawn(command!, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  });
  for await (const line of createInterface(child.stdout))
    return { pid: child.pid!, url: `modbus+tcp://${host}:${line}` };
  throw new Error("the server did not start");
}

describe("a peer that goes without a word", () => {
  test("is found when its process stands still, and spoken to again when it goes on", async () => {
    const { pid, url } = await startServer("127.0.0.1");
    await using client = await connect(url, { timeoutMs: 100, reconnect: { minMs: 10, maxMs: 100 } });
    await client.writeRegister(0, 7);
    process.kill(pid, "SIGSTOP");
    onTestFinished(() => void process.kill(pid, "SIGCONT"));
    const states: string[] = [];
    client.onState(({ state }) => states.push(state));
    for (let round = 0; round < 3; round += 1) {
      await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
    }
    expect(states).toContain("waiting");
    process.kill(pid, "SIGCONT");
    for (;;) {
      const value = await client.readHoldingRegisters(0, 1).catch(() => undefined);
      if (value === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      expect([...value]).toEqual([7]);
      break;
    }
  });

  test("is found when the way to it is gone", async (context) => {
    const sudo = process.getuid?.() === 0 && findBinary("ip") !== undefined;
    const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });
    const name = `mb${process.pid}`;
    try {
      if (!sudo) throw new Error("not root");
      ip("netns", "add", name);
    } catch {
      context.skip("needs root and network namespaces (apt install iproute2)");
    }
    onTestFinished(() => ip("netns", "del", name));
    ip("link", "add", `${name}a`, "type", "veth", "peer", "name", `${name}b`, "netns", name);
    ip("addr", "add", "10.213.77.1/24", "dev", `${name}a`);
    ip("link", "set", `${name}a`, "up");
    ip("-n", name, "addr", "add", "10.213.77.2/24", "dev", `${name}b`);
    ip("-n", name, "link", "set", `${name}b`, "up");
    const { url } = await startServer("10.213.77.2", name);
    await using client = await connect(url, {
      timeoutMs: 200,
      connectTimeoutMs: 500,
      reconnect: { minMs: 10, maxMs: 100, queueWhileDownMs: 10_000 },
    });
    await client.writeRegister(0, 7);
    // The cable at the far end: this side's link stays up, and nothing says that nobody is there.
    ip("-n", name, "link", "set", `${name}b`, "down");
    for (let round = 0; round < 3; round += 1) {
      await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_TIMEOUT" });
    }
    expect(client.state).not.toBe("connected");
    ip("-n", name, "link", "set", `${name}b`, "up");
    expect([...(await client.readHoldingRegisters(0, 1, { timeoutMs: 8000 }))]).toEqual([7]);
  });
});
