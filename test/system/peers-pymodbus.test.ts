import { describe } from "vitest";
import { bothSides } from "./peers/certificates.ts";
import { type Carrier, theirClient, theirServer } from "./peers/pairs.ts";
import { pymodbus, pymodbusNeeds } from "./peers/pymodbus.ts";
import { everyCode, playExchanges, playRound } from "./peers/round.ts";
import { systemTest } from "./support.ts";

const bytes = (text: string): string => [...text].map((letter) => letter.charCodeAt(0)).join(" ");

const needs = [...pymodbusNeeds, "socat"] as const;
const carriers: readonly Carrier[] = ["tcp", "udp", "rtutcp", "asciitcp", "rtu", "ascii"];

const closes: readonly Carrier[] = ["tcp", "asciitcp"];

describe.each(carriers)("pymodbus over %s", (carrier) => {
  systemTest(needs, "its client is answered by our server", async ([python]) => {
    const { drive } = await theirClient(carrier, pymodbus(python, "client"));
    // With ASCII over TCP it reads on until its time is over, however soon the answer is there.
    if (carrier === "asciitcp") return playRound(drive, [3, 5]);
    await playRound(drive, everyCode);
    await playExchanges(drive, [
      ["7", "= 109"],
      ["8 0 258", "= 258"],
      ["8 10 0", "= 0"],
      // Itself, one exception, and no event for either of them.
      ["3 2200 1", "! 2"],
      ["8 11 0", "= 2"],
      ["8 13 0", "= 1"],
      ["8 14 0", "= 4"],
      ["6 5 1", "="],
      ["11", "= 0 4"],
      // A restart that clears the log: the newest event stands first, 0 is the restart itself.
      ["8 1 1", "= 65280"],
      ["6 5 1", "="],
      ["12", "= 0 1 2 128 64 128 0"],
      ["17", `= 17 255 ${bytes("PEER")}`],
      ["20 4 2 3", "= 10 2 10 3 10 4"],
      ["20 5 2 3", "! 2"],
      ["21 4 2 3 4", "="],
      ["21 5 2 3 4", "! 2"],
      // It takes the number of registers for one of bytes, and subtracts four, so it finds none.
      ["24 1246", "="],
      ["24 1", "! 2"],
      ["43 1 0", "= 0:modwarden 1:peers 2:1.0"],
      ["43 4 1", "= 1:peers"],
      ["43 4 77", "! 2"],
    ]);
  });

  systemTest(needs, "its server answers our client", async ([python]) => {
    const { drive } = await theirServer(carrier, pymodbus(python, "server"));
    await playRound(drive, everyCode);
    await playExchanges(drive, [
      ["7", "= 0"],
      ["8 0 258", "= 258"],
      ["8 11 0", "= 0"],
      ["8 10 0", "= 0"],
      ["11", "= 0 0"],
      ["12", "= 0 0 0"],
      // The state stands behind the text here: where the server id ends only the device's manual says.
      ["17", `= ${bytes("pymodbus-peer-3.0")} 255`],
      // It has no files: it confirms whatever is written, and answers a read with no record at all.
      ["21 1 2 9", "="],
      ["20 1 2 3", "? ERR_MODBUS_BAD_RESPONSE"],
      ["24 5", "="],
      ["43 1 0", "= 0:pymodbus 1:peer 2:3.0"],
      // An object that it does not have is an empty text to it, where exception 2 is due.
      ["43 4 77", "= 77:"],
      ["0 3 0 0 0 126", "= 131 3"],
      // A loopback of more than one word is beyond it: it closes the connection, or does not answer.
      ["8 0 258 772", closes.includes(carrier) ? "? ERR_MODBUS_CLOSED" : "? ERR_MODBUS_TIMEOUT"],
    ]);
  });
});

describe("pymodbus over TLS", () => {
  systemTest(pymodbusNeeds, "its client is answered by our server", async ([python]) => {
    const { ours, theirs } = bothSides();
    const { drive } = await theirClient("tls", pymodbus(python, "client", theirs), ours);
    await playRound(drive, everyCode);
  });

  systemTest(pymodbusNeeds, "its server answers our client", async ([python]) => {
    const { ours, theirs } = bothSides();
    const { drive } = await theirServer("tls", pymodbus(python, "server", theirs), ours);
    await playRound(drive, everyCode);
  });
});
