import type { Where } from "@modwarden/access";
import { Connection } from "./connection.ts";
import type { CaptureOptions } from "./options.ts";
import type { Segment } from "./packet/segment.ts";
import type { Output } from "./pairing/output.ts";
import type { Counters } from "./statistics.ts";

const MODBUS_PORT = 502;

/** The connections of a capture that are followed at the moment. */
export class Connections {
  readonly #options: CaptureOptions;
  readonly #output: Output;
  readonly #counters: Counters;
  readonly #ports: ReadonlySet<number>;
  /** By both ends, client first; the one that was heard of last stands last. */
  readonly #open = new Map<string, Connection>();

  constructor(options: CaptureOptions, output: Output, counters: Counters) {
    this.#options = options;
    this.#output = output;
    this.#counters = counters;
    this.#ports = new Set(options.ports ?? [MODBUS_PORT]);
  }

  take(segment: Segment): void {
    const toServer = this.#ports.has(segment.destinationPort);
    const fromServer = this.#ports.has(segment.sourcePort);
    if (!toServer && !fromServer) {
      this.#counters.otherPorts++;
      return;
    }
    this.#counters.segments++;
    if (segment.fragment) {
      this.#counters.fragments++;
      this.#reportFragment(segment);
      return;
    }
    const byClient = toServer && fromServer ? this.#isByClient(segment) : toServer;
    this.#follow(segment, byClient, byClient ? keyOf(segment) : reverseKeyOf(segment));
  }

  end(): void {
    for (const connection of this.#open.values()) connection.end();
    this.#open.clear();
  }

  /** Between two Modbus ports the client is who begins: with a SYN, or as far as the recording shows. */
  #isByClient(segment: Segment): boolean {
    if (segment.syn) return segment.acknowledgement === undefined;
    return !this.#open.has(reverseKeyOf(segment));
  }

  #follow(segment: Segment, byClient: boolean, key: string): void {
    let connection = this.#open.get(key);
    if (connection?.isOther(segment, byClient)) {
      connection.end();
      connection = undefined;
    }
    if (connection === undefined) {
      if (!segment.syn && segment.length === 0) return;
      connection = this.#connect(segment, byClient);
    }
    this.#open.delete(key);
    this.#open.set(key, connection);
    connection.take(segment, byClient);
    if (this.#open.size > (this.#options.maxConnections ?? 4096)) this.#forgetOne();
  }

  #connect(segment: Segment, byClient: boolean): Connection {
    this.#counters.connections++;
    if (!segment.syn) this.#counters.beginMissing++;
    const source = endText(segment.sourceAddress, segment.sourcePort);
    const destination = endText(segment.destinationAddress, segment.destinationPort);
    const ends = byClient ? { client: source, server: destination } : { client: destination, server: source };
    const { whereOf } = this.#options;
    const where = (unit: number): Where => ({ device: null, ...whereOf?.(ends.server, unit), unit });
    return new Connection(ends, where, this.#output, this.#counters, this.#options.maxOutstanding ?? 256);
  }

  /** The connection that was silent for longest. */
  #forgetOne(): void {
    const [key, connection] = this.#open.entries().next().value!;
    this.#open.delete(key);
    if (!connection.closed) this.#counters.connectionsDropped++;
    connection.end();
  }

  #reportFragment({ packet, bytes }: Segment): void {
    this.#counters.malformed++;
    const offset = packet.offset + (bytes.byteOffset - packet.bytes.byteOffset);
    const reason =
      "the first fragment of an IP packet: fragments are not put together, this part of the stream is missing";
    this.#output.put({ kind: "malformed", frame: packet.frame, offset, reason }, packet.time);
  }
}

function keyOf(segment: Segment): string {
  return key(segment.sourceAddress, segment.sourcePort, segment.destinationAddress, segment.destinationPort);
}

function reverseKeyOf(segment: Segment): string {
  return key(segment.destinationAddress, segment.destinationPort, segment.sourceAddress, segment.sourcePort);
}

/** Six characters of 16 bits each: shorter to make and to compare than text. */
function key(client: number, clientPort: number, server: number, serverPort: number): string {
  return String.fromCharCode(client >>> 16, client & 0xffff, clientPort, server >>> 16, server & 0xffff, serverPort);
}

function endText(address: number, port: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}:${port}`;
}
