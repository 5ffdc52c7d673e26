import { describe } from "vitest";
import { buildLibmodbus, libmodbusNeeds } from "./peers/libmodbus.ts";
import { type Carrier, theirClient, theirServer } from "./peers/pairs.ts";
import { everyCode, playExchanges, playRound } from "./peers/round.ts";
import { systemTest } from "./support.ts";

const carriers: readonly Carrier[] = ["tcp", "rtu"];
const needs = [...libmodbusNeeds, "socat"] as const;
const bytes = (text: string): string => [...text].map((letter) => letter.charCodeAt(0)).join(" ");

describe.each(carriers)("libmodbus over %s", (carrier) => {
  systemTest(needs, "its client is answered by our server", async () => {
    const program = buildLibmodbus("libmodbus-client");
    const { drive } = await theirClient(carrier, (...place) => [program, place]);
    await playRound(drive, everyCode);
    await playExchanges(drive, [
      ["17", `= 17 255 ${bytes("PEER")}`],
      // PDUs as they are: an unassigned function code, and a quantity that libmodbus would not send. Of the answer to a
      // function that it does not know libmodbus reads two bytes and takes the rest for the next answer, so those that
      // are no exception cannot be asked.
      ["0 99 1 2 3", "= 227 1"],
      ["0 3 0 0 0 126", "= 131 3"],
    ]);
  });

  systemTest(needs, "its server answers our client", async () => {
    const program = buildLibmodbus("libmodbus-server");
    const { drive } = await theirServer(carrier, (...place) => [program, place]);
    await playRound(drive, everyCode);
    await playExchanges(drive, [
      // Server id 180, running, and its name.
      ["17", `= 180 255 ${bytes("LMB3.1.6")}`],
      // It takes half a second over this one and the next, and waits no shorter for what may still follow.
      ["0 3 0 0 0 126", "= 131 3"],
      // On a line it cannot tell how long a request is whose function it does not know, and leaves it unanswered.
      ["0 43 14 1 0", carrier === "tcp" ? "= 171 1" : "? ERR_MODBUS_TIMEOUT"],
    ]);
  });
});
