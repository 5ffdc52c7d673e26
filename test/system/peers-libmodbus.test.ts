import { describe, expect } from "vitest";
import { buildLibmodbus, libmodbusNeeds } from "./peers/libmodbus.ts";
import { theirClient, theirServer } from "./peers/pairs.ts";
import { everyCode, playRound } from "./peers/round.ts";
import { systemTest } from "./support.ts";

describe("libmodbus over TCP", () => {
  systemTest(libmodbusNeeds, "its client is answered by our server", async () => {
    const program = buildLibmodbus("libmodbus-client");
    const { drive } = await theirClient("tcp", (...place) => [program, place]);
    await playRound(drive, everyCode);
    // PDUs as they are: an unassigned function code, and a quantity that libmodbus would not send. Of the answer to a
    // function that it does not know libmodbus reads two bytes and takes the rest for the next answer, so those that
    // are no exception cannot be asked.
    expect(await drive("0 99 1 2 3")).toBe("= 227 1");
    expect(await drive("0 3 0 0 0 126")).toBe("= 131 3");
  });

  systemTest(libmodbusNeeds, "its server answers our client", async () => {
    const program = buildLibmodbus("libmodbus-server");
    const { drive } = await theirServer("tcp", (...place) => [program, place]);
    await playRound(drive, everyCode);
    // Server id 180, running, and its name.
    expect(await drive("17")).toBe(`= 180 255 ${[..."LMB3.1.6"].map((letter) => letter.charCodeAt(0)).join(" ")}`);
    // It takes half a second over each of these two, and waits no shorter for what may still follow.
    expect(await drive("0 43 14 1 0")).toBe("= 171 1");
    expect(await drive("0 3 0 0 0 126")).toBe("= 131 3");
  });
});
