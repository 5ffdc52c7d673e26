/** Pairs of a client and a server, one of them ours. They end with the test. */
import {
  type Client,
  type ConnectOptions,
  connect,
  createServer,
  type ModbusServer,
  type ServerOptions,
} from "@modwarden/modbus";
import { onTestFinished } from "vitest";
import { findBinary } from "../support.ts";
import { type Drive, driveClient, type PeerClient, startClient } from "./drive.ts";
import { type Program, startProgram } from "./program.ts";
import { createSerialLine } from "./serial-line.ts";
import { createTables } from "./tables.ts";

/** The unit that every server of these tests is. */
const unit = "1";

export type Carrier = "tcp" | "tls" | "udp" | "rtutcp" | "asciitcp" | "rtu" | "ascii";

/** Command and arguments that start a peer's program. It gets what the program takes to find its place. */
type Command = (...place: readonly string[]) => readonly [command: string, args: readonly string[]];

const isSerial = (carrier: Carrier): boolean => carrier === "rtu" || carrier === "ascii";

export interface TheirClient extends PeerClient {
  readonly server: ModbusServer;
}

/** A peer's client in front of our server. */
export async function theirClient(
  carrier: Carrier,
  command: Command,
  options: ServerOptions = {},
): Promise<TheirClient> {
  // Every function that the peers have is played over every link.
  const server = createServer(createTables(), { serialFunctions: true, ...options });
  onTestFinished(() => server.close());
  if (isSerial(carrier)) {
    const [ours, theirs] = await createSerialLine(findBinary("socat") ?? "socat");
    await server.listen(`modbus+${carrier}://${ours}?unit=${unit}`);
    return { server, ...(await startClient(...command(carrier, theirs, unit))) };
  }
  const { port } = await server.listen(`modbus+${carrier}://127.0.0.1:0`);
  return { server, ...(await startClient(...command(carrier, "127.0.0.1", `${port}`, unit))) };
}

export interface TheirServer {
  readonly client: Client;
  readonly drive: Drive;
  readonly program: Program;
}

/** Our client in front of a peer's server. */
export async function theirServer(
  carrier: Carrier,
  command: Command,
  options: ConnectOptions = {},
): Promise<TheirServer> {
  const { program, url } = await startServer(carrier, command);
  const client = await connect(url, options);
  onTestFinished(() => client.close());
  return { client, drive: driveClient(client), program };
}

async function startServer(
  carrier: Carrier,
  command: Command,
): Promise<{ readonly program: Program; readonly url: string }> {
  const ready = (text: string): boolean => text.startsWith("ready");
  if (isSerial(carrier)) {
    const [ours, theirs] = await createSerialLine(findBinary("socat") ?? "socat");
    const program = startProgram(...command(carrier, theirs, unit));
    await program.line(ready);
    return { program, url: `modbus+${carrier}://${ours}?unit=${unit}` };
  }
  const program = startProgram(...command(carrier, unit));
  const port = (await program.line(ready)).split(" ")[1];
  return { program, url: `modbus+${carrier}://127.0.0.1:${port}?unit=${unit}` };
}
