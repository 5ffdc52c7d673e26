import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { createServer, type ModbusServer } from "@modwarden/modbus";
import { parseHex } from "@modwarden/protocol";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { type Drive, startClient } from "./peers/drive.ts";
import { type PeerCommand, peerTest } from "./peers/javascript.ts";
import { buildLibmodbus, libmodbusNeeds } from "./peers/libmodbus.ts";
import { theirServer } from "./peers/pairs.ts";
import { pymodbus, pymodbusNeeds } from "./peers/pymodbus.ts";
import { createTables, holding } from "./peers/tables.ts";
import { systemTest } from "./support.ts";

const timedOut = "? ERR_MODBUS_TIMEOUT";
const good = `= ${holding(10)} ${holding(11)}`;

describe("our server among enemies", () => {
  let server: ModbusServer;
  let port: number;
  beforeEach(async () => {
    server = createServer(createTables(), { connections: 64, frameTimeoutMs: 400 });
    ({ port } = await server.listen("modbus+tcp://127.0.0.1:0"));
  });
  afterEach(() => server.close());

  /** libmodbus, connected beforehand, is answered as if nothing had happened, and so is one that connects now. */
  async function expectServed(first: Drive): Promise<void> {
    expect(await first("3 10 2")).toBe(good);
    const after = await libmodbusClient();
    expect(await after("3 10 2")).toBe(good);
  }
  async function libmodbusClient(): Promise<Drive> {
    return (await startClient(buildLibmodbus("libmodbus-client"), ["tcp", "127.0.0.1", `${port}`, "1"])).drive;
  }
  async function attacker(): Promise<Socket> {
    const socket = connectSocket(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  //                     tx id protocol length unit fc address quantity
  const request = parseHex("00 07   00 00   00 06   01  03  00 0a   00 02");

  systemTest(libmodbusNeeds, "half frames, resets and impossible lengths cost it one connection each", async () => {
    const first = await libmodbusClient();
    for (const bytes of [
      "00 01 00 00 00 00 01 03",
      "00 01 00 00 00 01 01",
      "00 01 00 00 00 ff 01 03",
      "00 01 00 00 ff ff 01 03",
      "00 01 00 01 00 06 01 03 00 00 00 01",
      "47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a 0d 0a",
    ]) {
      const socket = await attacker();
      socket.resume().write(parseHex(bytes));
      await once(socket, "close");
    }
    // Half a frame and then nothing: the time for a frame is over after 400 ms.
    const silent = await attacker();
    silent.resume().write(request.subarray(0, 5));
    const halfClosed = await attacker();
    halfClosed.resume().end(request.subarray(0, 9));
    const reset = await attacker();
    reset.write(request);
    reset.resetAndDestroy();
    await Promise.all([once(silent, "close"), once(halfClosed, "close")]);
    await expectServed(first);
  });

  systemTest(libmodbusNeeds, "more connections than it holds, killed clients, and one that never reads", async () => {
    const first = await libmodbusClient();
    const crowd = await Promise.all(Array.from({ length: 200 }, attacker));
    expect(server.connections).toBeLessThanOrEqual(64);
    const served = await libmodbusClient();
    expect(await served("3 10 2")).toBe(good);
    for (const socket of crowd) socket.resetAndDestroy();

    const deaf = await attacker();
    deaf.pause();
    const many = new Uint8Array(request.length * 1000);
    for (let index = 0; index < 1000; index += 1) many.set(request, index * request.length);
    for (let round = 0; round < 20; round += 1) deaf.write(many);

    const killed = await startClient(buildLibmodbus("libmodbus-client"), ["tcp", "127.0.0.1", `${port}`, "1"]);
    const asked = killed.drive("3 10 2").catch(() => "gone");
    await killed.program.kill();
    await asked;
    // The crowd may have taken the place of the first client, as the longest idle.
    const answer = await first("3 10 2");
    expect([good, "? Connection reset by peer", "? Broken pipe"]).toContain(answer);
    await expectServed(await libmodbusClient());
    deaf.destroy();
  });
});

/** What every server of a peer goes through. */
async function tryServer(start: () => ReturnType<typeof theirServer>): Promise<void> {
  const { client, drive, program } = await start();
  expect(await drive("3 10 2")).toBe(good);

  // It stands still: what is asked times out, and what it answers when it goes on is nobody's answer.
  process.kill(program.pid, "SIGSTOP");
  expect(await drive("3 100 1")).toBe(timedOut);
  expect(await drive("3 200 1")).toBe(timedOut);
  process.kill(program.pid, "SIGCONT");
  expect(await drive("3 10 2")).toBe(good);
  expect(await drive("3 300 1")).toBe(`= ${holding(300)}`);

  // It dies with requests open, in its queue and on their way.
  const open = Array.from({ length: 40 }, (_, index) => drive(`3 ${index} 2`));
  process.kill(program.pid, "SIGSTOP");
  const ended = Promise.all([...open, ...Array.from({ length: 40 }, (_, index) => drive(`6 ${index} 1`))]);
  await program.kill();
  const answers = await ended;
  expect(answers).toHaveLength(80);
  expect(new Set(answers.slice(40))).toEqual(new Set(["? ERR_MODBUS_CLOSED"]));
  await client.closed;
  expect(await drive("3 10 2")).toBe("? ERR_MODBUS_CLOSED");
}

const options = { timeoutMs: 250, outstanding: 4 };

describe("our client, whose server stands still and dies", () => {
  systemTest(libmodbusNeeds, "libmodbus", () =>
    tryServer(() => theirServer("tcp", (...place) => [buildLibmodbus("libmodbus-server"), place], options)),
  );
  systemTest(pymodbusNeeds, "pymodbus", ([python]) =>
    tryServer(() => theirServer("tcp", pymodbus(python, "server"), options)),
  );
  const peer = (command: PeerCommand, program: "modbus-serial-server" | "jsmodbus-server"): Promise<void> =>
    tryServer(() => theirServer("tcp", (...place) => command(program, ...place), options));
  peerTest("modbus-serial", (command) => peer(command, "modbus-serial-server"));
  peerTest("jsmodbus", (command) => peer(command, "jsmodbus-server"));
});

describe("our client on a line, whose server stands still and dies", () => {
  /** Nobody can tell on a line that the other side has died: what is asked times out, all of it. */
  async function tryLine(start: () => ReturnType<typeof theirServer>): Promise<void> {
    const { client, drive, program } = await start();
    expect(await drive("3 10 2")).toBe(good);
    process.kill(program.pid, "SIGSTOP");
    expect(await drive("3 100 1")).toBe(timedOut);
    expect(await drive("3 200 1")).toBe(timedOut);
    process.kill(program.pid, "SIGCONT");
    // What comes late answers nothing that is asked now, though nothing but its time tells it from an answer.
    const answers: string[] = [];
    for (let index = 0; index < 4; index += 1) answers.push(await drive("3 300 1"));
    expect(new Set(answers.filter((answer) => answer !== timedOut))).toEqual(new Set([`= ${holding(300)}`]));
    const open = [drive("3 10 2"), drive("3 11 2")];
    await program.kill();
    expect((await Promise.all(open))[1]).toBe(timedOut);
    await client.close();
  }
  const slow = { timeoutMs: 300 };

  systemTest([...libmodbusNeeds, "socat"], "libmodbus", () =>
    tryLine(() => theirServer("rtu", (...place) => [buildLibmodbus("libmodbus-server"), place], slow)),
  );
  systemTest([...pymodbusNeeds, "socat"], "pymodbus in ASCII", ([python]) =>
    tryLine(() => theirServer("ascii", pymodbus(python, "server"), slow)),
  );
  peerTest("modbus-serial", (command) =>
    tryLine(() => theirServer("rtu", (...place) => command("modbus-serial-server", ...place), slow)),
  );
});
