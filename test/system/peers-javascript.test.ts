import { describe } from "vitest";
import { peerTest } from "./peers/javascript.ts";
import { type Carrier, theirClient, theirServer } from "./peers/pairs.ts";
import { type Exchange, playExchanges, playRound } from "./peers/round.ts";
import { holding, range } from "./peers/tables.ts";

const common = [1, 2, 3, 4, 5, 6, 15, 16];
const records = range((record) => record + 2, 0, 100).flatMap((record) => [10, record]);
const serverId: Exchange = ["17 0", "= 17 255 80 69 69 82"];
const identification: readonly Exchange[] = [
  ["43 1 0", "= 0:modwarden 1:peers 2:1.0"],
  ["43 4 1", "= 1:peers"],
  ["43 4 77", "! 2"],
];

const links: readonly Carrier[] = ["tcp", "udp", "rtutcp", "rtu", "ascii"];

/** Over these the answers say themselves how long they are. */
const framed: readonly Carrier[] = ["tcp", "udp"];

describe.each(links)("modbus-serial over %s", (carrier) => {
  peerTest("its client is answered by our server", async (command) => {
    const { drive } = await theirClient(carrier, (...place) => command("modbus-serial-client", ...place));
    if (!framed.includes(carrier)) {
      // On lines it has to know how long an answer will be, and does not for functions 20, 22, 23 and those of a vendor.
      await playRound(drive, common);
      if (carrier === "rtu") await playExchanges(drive, [serverId, ...identification]);
      return;
    }
    await playRound(drive, [...common, 22, 23]);
    await playExchanges(drive, [
      ["20 4 2", ["=", ...records].join(" ")],
      ["20 5 2", "! 2"],
      ...identification,
      ["65 1 2 3", "= 3 2 1"],
    ]);
    // A request that has nothing behind its function code it never sends over UDP.
    if (carrier === "tcp") await playExchanges(drive, [serverId, ["110", "="]]);
  });
});

const lines: readonly Carrier[] = ["tcp", "rtu"];

describe.each(lines)("modbus-serial over %s", (carrier) => {
  peerTest("its server answers our client", async (command) => {
    const { drive } = await theirServer(carrier, (...place) => command("modbus-serial-server", ...place));
    // It writes one register after another and has answered after the first: what the second runs into is lost.
    await playRound(drive, common, { "16 2199": "=" });
    await playExchanges(drive, [
      // It answers basic access with the objects of every category.
      ["43 1 0", "= 0:modbus-serial 1:peer 2:1.0 3:https://example.com"],
      ["43 4 1", "= 1:peer"],
      ["43 4 5", "! 2"],
      ["22 1 2 3", "! 1"],
    ]);
  });
});

describe.each(lines)("jsmodbus over %s", (carrier) => {
  peerTest("its client is answered by our server", async (command) => {
    const { drive } = await theirClient(carrier, (...place) => command("jsmodbus-client", ...place));
    // Over TCP it sends no more than 246 bytes and announces 123 registers all the same, so our server refuses the count.
    const cut = { "16 200": "! 3", "3 200": ["=", ...range(holding, 200, 123)].join(" ") };
    await playRound(drive, common, carrier === "tcp" ? cut : {});
    // On a line it waits for a third byte of an exception to function 43, which there is not.
    await playExchanges(drive, carrier === "tcp" ? identification : identification.slice(0, 2));
  });

  peerTest("its server answers our client, who notices the answers that are too short", async (command) => {
    const { drive } = await theirServer(carrier, (...place) => command("jsmodbus-server", ...place));
    await playRound(drive, common, {
      // It reads past the end of a table and answers with what there is.
      "1 2199 2": "= 1 0",
      "2 2200": "? ERR_MODBUS_BAD_RESPONSE",
      "3 2199": "? ERR_MODBUS_BAD_RESPONSE",
      "4 2200": "? ERR_MODBUS_BAD_RESPONSE",
      "5 2200": undefined,
      "6 2200": undefined,
      "15 2199": "=",
      // On a line it does not wait for the end of a long frame, and answers nothing any more.
      ...(carrier === "rtu" ? { "16 200": undefined, "3 200": undefined } : {}),
    });
    // A function it does not know it leaves without an answer. Writing one element past the end of a table ends its
    // process.
    await playExchanges(drive, [["6 2200 1", carrier === "tcp" ? "? ERR_MODBUS_CLOSED" : "? ERR_MODBUS_TIMEOUT"]]);
  });
});
