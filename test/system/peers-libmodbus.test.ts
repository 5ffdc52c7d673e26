import { connect, createServer } from "@modwarden/modbus";
import { describe, expect } from "vitest";
import { driveClient, startClient } from "./peers/drive.ts";
import { buildLibmodbus, libmodbusNeeds } from "./peers/libmodbus.ts";
import { startProgram } from "./peers/program.ts";
import { everyCode, playRound } from "./peers/round.ts";
import { createTables } from "./peers/tables.ts";
import { systemTest } from "./support.ts";

describe("libmodbus over TCP", () => {
  systemTest(libmodbusNeeds, "its client is answered by our server", async (_, { onTestFinished }) => {
    const server = createServer(createTables());
    onTestFinished(() => server.close());
    const { port } = await server.listen("modbus+tcp://127.0.0.1:0");
    const { drive } = await startClient(buildLibmodbus("libmodbus-client"), ["tcp", "127.0.0.1", `${port}`, "1"]);
    await playRound(drive, everyCode);
    // PDUs as they are: an unassigned function code, and a quantity that libmodbus would not send. Of the answer to a
    // function that it does not know libmodbus reads two bytes and takes the rest for the next answer, so those that
    // are no exception cannot be asked.
    expect(await drive("0 99 1 2 3")).toBe("= 227 1");
    expect(await drive("0 3 0 0 0 126")).toBe("= 131 3");
  });

  systemTest(libmodbusNeeds, "its server answers our client", async (_, { onTestFinished }) => {
    const program = startProgram(buildLibmodbus("libmodbus-server"), ["tcp", "1"]);
    const ready = await program.line((text) => text.startsWith("ready "));
    const client = await connect(`modbus+tcp://127.0.0.1:${ready.split(" ")[1]}?unit=1`);
    onTestFinished(() => client.close());
    const drive = driveClient(client);
    await playRound(drive, everyCode);
    // Server id 180, running, and its name.
    expect(await drive("17")).toBe(`= 180 255 ${[..."LMB3.1.6"].map((letter) => letter.charCodeAt(0)).join(" ")}`);
    // It takes half a second over each of these two, and waits no shorter for what may still follow.
    expect(await drive("0 43 14 1 0")).toBe("= 171 1");
    expect(await drive("0 3 0 0 0 126")).toBe("= 131 3");
  });
});
