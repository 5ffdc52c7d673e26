/** Pairs of a client and a server, one of them ours. They end with the test. */
import { type ConnectOptions, connect, createServer, type ServerOptions } from "@modwarden/modbus";
import { onTestFinished } from "vitest";
import { type Drive, driveClient, type PeerClient, startClient } from "./drive.ts";
import { type Program, startProgram } from "./program.ts";
import { createTables } from "./tables.ts";

/** The unit that every server of these tests is. */
const unit = 1;

type Command = readonly [command: string, args: readonly string[]];

/** A peer's client in front of our server, over TCP or UDP. `command` gets what the program takes as arguments. */
export async function theirClient(
  scheme: "tcp",
  command: (...place: readonly string[]) => Command,
  options: ServerOptions = {},
): Promise<PeerClient> {
  // Every function that the peers have is played over every link.
  const server = createServer(createTables(), { serialFunctions: true, ...options });
  onTestFinished(() => server.close());
  const { port } = await server.listen(`modbus+${scheme}://127.0.0.1:0`);
  return startClient(...command(scheme, "127.0.0.1", `${port}`, `${unit}`));
}

/** Our client in front of a peer's server. */
export async function theirServer(
  scheme: "tcp",
  command: (...place: readonly string[]) => Command,
  options: ConnectOptions = {},
): Promise<{ readonly drive: Drive; readonly program: Program }> {
  const program = startProgram(...command(scheme, `${unit}`));
  const ready = await program.line((text) => text.startsWith("ready "));
  const client = await connect(`modbus+${scheme}://127.0.0.1:${ready.split(" ")[1]}?unit=${unit}`, options);
  onTestFinished(() => client.close());
  return { drive: driveClient(client), program };
}
