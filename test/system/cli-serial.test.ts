/** The command on a serial line: simulated devices at one end, requests at the other. */
import { describe, expect } from "vitest";
import { modwarden, startModwarden } from "../cli/modwarden.ts";
import { createSerialLine } from "./peers/serial-line.ts";
import { systemTest } from "./support.ts";

describe("modwarden on a serial line", () => {
  for (const framing of ["rtu", "ascii"]) {
    systemTest(["socat"], `asks simulated devices in ${framing}`, async ([socat]) => {
      const [ours, theirs] = await createSerialLine(socat);
      const running = startModwarden(["sim", "danfoss-fc51", "--listen", `modbus+${framing}://${theirs}`, "--json"]);
      try {
        await running.ready("all");
        const url = `modbus+${framing}://${ours}?unit=1`;
        const setpoint = ["holding", "setpoint", "--profile", "danfoss-fc51"];
        expect(await modwarden(["write", url, ...setpoint, "40"])).toMatchObject({ code: 0 });
        const read = await modwarden(["read", url, ...setpoint, "--json"]);
        expect(read).toMatchObject({ code: 0, json: [{ unit: 1, values: [expect.closeTo(40, 2)] }] });
        // The neighbour's address is nobody's here.
        const other = await modwarden(["read", url, "holding", "0", "--unit", "2", "--timeout", "200", "--json"]);
        expect(other).toMatchObject({ code: 4, json: [{ error: { code: "ERR_MODBUS_TIMEOUT" } }] });
        expect(other.stderr).toContain("19200 baud");
        expect(await modwarden(["write", url, "holding", "50009", "0", "--unit", "0"])).toMatchObject({ code: 0 });
        expect(await modwarden(["raw", url, "03 c359 0001"])).toMatchObject({ code: 0, stdout: "03020000\n" });
      } finally {
        await running.stop();
      }
    });
  }
});
