import { describe, expect } from "vitest";
import { peerTest } from "./peers/javascript.ts";
import { theirClient, theirServer } from "./peers/pairs.ts";
import { playExchanges, playRound } from "./peers/round.ts";
import { holding, range } from "./peers/tables.ts";

describe("modbus-serial over TCP", () => {
  peerTest("its client is answered by our server", async (command) => {
    const { drive } = await theirClient("tcp", (...place) => command("modbus-serial-client", ...place));
    await playRound(drive, [1, 2, 3, 4, 5, 6, 15, 16, 22, 23]);
    await playExchanges(drive, [
      ["17 0", "= 17 255 80 69 69 82"],
      ["20 4 2", ["=", ...range((record) => record + 2, 0, 100).flatMap((record) => [10, record])].join(" ")],
      ["20 5 2", "! 2"],
      ["43 1 0", "= 0:modwarden 1:peers 2:1.0"],
      ["43 4 1", "= 1:peers"],
      ["43 4 77", "! 2"],
      ["65 1 2 3", "= 3 2 1"],
      ["110", "="],
    ]);
  });

  peerTest("its server answers our client", async (command) => {
    const { drive } = await theirServer("tcp", (...place) => command("modbus-serial-server", ...place));
    // It writes one register after another and has answered after the first: what the second runs into is lost.
    await playRound(drive, [1, 2, 3, 4, 5, 6, 15, 16], { "16 2199": "=" });
    // It answers basic access with the objects of every category.
    expect(await drive("43 1 0")).toBe("= 0:modbus-serial 1:peer 2:1.0 3:https://example.com");
    expect(await drive("43 4 1")).toBe("= 1:peer");
    expect(await drive("43 4 5")).toBe("! 2");
    expect(await drive("22 1 2 3")).toBe("! 1");
  });
});

describe("modbus-serial over UDP", () => {
  peerTest("its client is answered by our server", async (command) => {
    const { drive } = await theirClient("udp", (...place) => command("modbus-serial-client", ...place));
    await playRound(drive, [1, 2, 3, 4, 5, 6, 15, 16, 22, 23]);
  });
});

describe("jsmodbus over TCP", () => {
  peerTest("its client is answered by our server", async (command) => {
    const { drive } = await theirClient("tcp", (...place) => command("jsmodbus-client", ...place));
    await playRound(drive, [1, 2, 3, 4, 5, 6, 15, 16], {
      // It sends no more than 246 bytes and announces 123 registers all the same, so our server refuses the count.
      "16 200": "! 3",
      "3 200": ["=", ...range(holding, 200, 123)].join(" "),
    });
    expect(await drive("43 1 0")).toBe("= 0:modwarden 1:peers 2:1.0");
    expect(await drive("43 4 77")).toBe("! 2");
  });

  peerTest("its server answers our client, who notices the answers that are too short", async (command) => {
    const { drive } = await theirServer("tcp", (...place) => command("jsmodbus-server", ...place));
    await playRound(drive, [1, 2, 3, 4, 5, 6, 15, 16], {
      // It reads past the end of a table and answers with what there is.
      "1 2199 2": "= 1 0",
      "2 2200": "? ERR_MODBUS_BAD_RESPONSE",
      "3 2199": "? ERR_MODBUS_BAD_RESPONSE",
      "4 2200": "? ERR_MODBUS_BAD_RESPONSE",
      "5 2200": undefined,
      "6 2200": undefined,
      "15 2199": "=",
    });
    // A function it does not know it leaves without an answer. Writing one element past the end of a table ends its
    // process.
    expect(await drive("6 2200 1")).toBe("? ERR_MODBUS_CLOSED");
  });
});
