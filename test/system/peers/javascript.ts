/** Programs made of other JavaScript libraries, which scripts/peers.mjs installs. */
import { fileURLToPath } from "node:url";
import { it, type TestContext } from "vitest";
import { installPeers } from "../../../scripts/peers.mjs";

export type PeerProgram = "modbus-serial-client" | "modbus-serial-server" | "jsmodbus-client" | "jsmodbus-server";

/** Command and arguments that start a peer's program; more of its arguments go behind them. */
export type PeerCommand = (program: PeerProgram, ...more: readonly string[]) => readonly [string, readonly string[]];

/** A test that needs these libraries: skipped where they cannot be installed, with REQUIRE_SYSTEM=1 a failure. */
export function peerTest(name: string, run: (command: PeerCommand, context: TestContext) => Promise<void>): void {
  it(name, async (context) => {
    let folder: string;
    try {
      folder = await installPeers();
    } catch (error) {
      if (process.env["REQUIRE_SYSTEM"] === "1") throw error;
      console.warn(`skipped: ${error}`);
      return context.skip(String(error));
    }
    const path = (program: PeerProgram): string => fileURLToPath(new URL(`${program}.mjs`, import.meta.url));
    await run((program, ...more) => [process.execPath, [path(program), folder, ...more]], context);
  });
}
