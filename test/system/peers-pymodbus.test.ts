import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, onTestFinished } from "vitest";
import { createTestAuthority } from "../../packages/modbus/src/testing/certificates.ts";
import { theirClient, theirServer } from "./peers/pairs.ts";
import { pymodbus, pymodbusNeeds } from "./peers/pymodbus.ts";
import { everyCode, playExchanges, playRound } from "./peers/round.ts";
import { systemTest } from "./support.ts";

const bytes = (text: string): string => [...text].map((letter) => letter.charCodeAt(0)).join(" ");

describe("pymodbus over TCP", () => {
  systemTest(pymodbusNeeds, "its client is answered by our server", async ([python]) => {
    const { drive } = await theirClient("tcp", pymodbus(python, "client"));
    await playRound(drive, everyCode);
    await playExchanges(drive, [
      ["7", "= 109"],
      ["8 0 258 772", "= 258 772"],
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

  systemTest(pymodbusNeeds, "its server answers our client", async ([python]) => {
    const { drive } = await theirServer("tcp", pymodbus(python, "server"));
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
      ["0 99", "= 227 1"],
      ["0 3 0 0 0 126", "= 131 3"],
      // It closes the connection over a loopback of more than one word.
      ["8 0 258 772", "? ERR_MODBUS_CLOSED"],
    ]);
  });
});

describe("pymodbus over UDP", () => {
  systemTest(pymodbusNeeds, "its client is answered by our server", async ([python]) => {
    const { drive } = await theirClient("udp", pymodbus(python, "client"));
    await playRound(drive, everyCode);
  });

  systemTest(pymodbusNeeds, "its server answers our client", async ([python]) => {
    const { drive } = await theirServer("udp", pymodbus(python, "server"));
    await playRound(drive, everyCode);
  });
});

/** One authority vouches for both sides, and each shows a certificate. Its side has it in files. */
function bothSides() {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-pymodbus-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const authority = createTestAuthority("peers");
  const theirs = authority.issue({ name: "pymodbus", ips: ["127.0.0.1"] });
  const files = { "cert.pem": theirs.cert, "key.pem": theirs.key, "ca.pem": authority.certificate };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    ours: { tls: { ...authority.issue({ name: "modwarden", ips: ["127.0.0.1"] }), ca: authority.certificate } },
    theirs: Object.keys(files).map((name) => join(folder, name)),
  };
}

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
