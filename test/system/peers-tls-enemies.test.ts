import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { connect, createServer, type DropReason } from "@modwarden/modbus";
import { describe, expect } from "vitest";
import { type BothSides, bothSides } from "./peers/certificates.ts";
import { createTables, holding } from "./peers/tables.ts";
import { systemTest } from "./support.ts";

//                            tx id protocol length unit fc address quantity
const frame = Uint8Array.of(0, 7, /**/ 0, 0, /**/ 0, 6, 1, 3, 0, 10, 0, 1);

describe("our TLS server among enemies", () => {
  systemTest(["openssl"], "serves its clients through all of it", async ([openssl], { onTestFinished }) => {
    const sides = bothSides();
    const dropped: DropReason[] = [];
    const options = {
      ...sides.ours,
      frameTimeoutMs: 300,
      onDropped: (_: string, why: DropReason) => dropped.push(why),
    };
    const server = createServer(createTables(), options);
    onTestFinished(() => server.close());
    const url = await server.listen("modbus+tls://127.0.0.1:0");
    const ask = async (): Promise<number | undefined> => {
      const client = await connect(url, { ...sides.ours, unit: 1 });
      const [value] = await client.readHoldingRegisters(10, 1);
      await client.close();
      return value;
    };
    const first = await connect(url, { ...sides.ours, unit: 1 });
    onTestFinished(() => first.close());

    const speak = (...args: readonly string[]): ChildProcess => {
      const child = spawn(openssl, ["s_client", "-connect", `127.0.0.1:${url.port}`, "-quiet", "-ign_eof", ...args]);
      onTestFinished(() => void child.kill("SIGKILL"));
      child.stdin.on("error", () => undefined);
      return child;
    };
    const shown = ({ theirs: [cert, key, ca] }: BothSides): string[] => ["-cert", cert, "-key", key, "-CAfile", ca];

    // No certificate, one of another authority, an old version: each is refused.
    for (const args of [[], shown(bothSides()), [...shown(sides), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]]) {
      await once(speak(...args), "exit");
    }
    // Modbus without TLS, and half a greeting that never goes on.
    const plain = connectSocket(url.port, "127.0.0.1").resume();
    plain.on("error", () => undefined).write(frame);
    await once(plain, "close");
    for (let count = 0; count < 20; count += 1) {
      const silent = connectSocket(url.port, "127.0.0.1").on("error", () => undefined);
      onTestFinished(() => void silent.destroy());
      silent.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0));
    }
    await expect.poll(() => dropped.filter((why) => why === "tls").length).toBeGreaterThanOrEqual(4);

    // One that is let in, is answered, sends half a frame and is killed; and one whose half frame stays one.
    const killed = speak(...shown(sides));
    killed.stdin!.write(frame);
    const [answer] = (await once(killed.stdout!, "data")) as [Buffer];
    expect([...answer.subarray(7)]).toEqual([3, 2, holding(10) >> 8, holding(10) & 0xff]);
    killed.stdin!.write(frame.subarray(0, 9));
    killed.kill("SIGKILL");
    const slow = speak(...shown(sides));
    slow.stdin!.write(frame.subarray(0, 9));
    await once(slow, "exit");
    expect(dropped).toContain("frame-timeout");

    expect(await ask()).toBe(holding(10));
    expect([...(await first.readHoldingRegisters(10, 1))]).toEqual([holding(10)]);
    await expect.poll(() => server.connections).toBe(1);
  });
});
