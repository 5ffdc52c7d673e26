/** A stranger's flood in front of a running site, and what becomes of the writes that are permitted meanwhile. */
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { countRecords, readLines, verifyLog } from "@modwarden/audit";
import { type Running, start, within } from "../shared/process.ts";
import { type FloodedSite, sources, startFloodedSite } from "./site.ts";

export interface FloodPlan {
  readonly seconds: number;
  readonly connectionsPerSecond: number;
  readonly requestsPerSecond: number;
  /** Connections on which the refused requests come. */
  readonly connections: number;
}

export interface FloodResult {
  readonly undisturbed: Latencies;
  readonly flooded: Latencies;
  /** What was reached, a second. */
  readonly connectionsPerSecond: number;
  readonly requestsPerSecond: number;
  /** Writes that were answered well, and those of them that are on record. */
  readonly writes: number;
  readonly recorded: number;
  /** All that the log grew by while the flood came, and how much of that the permitted writes are, which have to be there. */
  readonly grownBytes: number;
  readonly writesBytes: number;
  readonly verified: boolean;
}

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Between two writes of the permitted client. */
const PAUSE_MS = 5;
const ANSWER_MS = 10_000;
const WARM_MS = 1_000;

export async function measureFlood(plan: FloodPlan): Promise<FloodResult> {
  const device = await startDevice();
  const site = await startFloodedSite(device.port);
  const flooders: Running[] = [];
  try {
    const client = await Writer.open(site.port);
    await client.writeFor(WARM_MS);
    const undisturbed = await client.writeFor(plan.seconds * 1000);
    const before = folderBytes(site.log);
    const from = countRecords(site.log);
    flooders.push(await flooder("connections", site, sources.stranger, plan.connectionsPerSecond));
    flooders.push(await flooder("requests", site, sources.viewer, plan.requestsPerSecond, plan.connections));
    const flooded = await client.writeFor(plan.seconds * 1000);
    const [connections = 0, requests = 0] = await Promise.all(flooders.map(reached));
    const grownBytes = folderBytes(site.log) - before;
    const writes = client.answered;
    client.close();
    await site.end();
    const verified = verifyLog({ dir: site.log }).ok;
    const during = permittedWrites(site.log, from);
    return {
      ...{ undisturbed, flooded, connectionsPerSecond: connections, requestsPerSecond: requests },
      ...{ writes, recorded: permittedWrites(site.log, 0).length, verified },
      ...{ grownBytes, writesBytes: during.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) },
    };
  } finally {
    for (const { stop } of [...flooders, site]) await stop();
    site.remove();
    device.close();
  }
}

/** A device that does what it is told: a register that is written is answered with the request itself. */
async function startDevice(): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => socket.write(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: address !== null && typeof address === "object" ? address.port : 0, close };
}

/** The client that may write: one write at a time, and a pause after each. */
class Writer {
  readonly #socket: Socket;
  answered = 0;
  #next = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Writer> {
    const socket = connectSocket({ host: "127.0.0.1", port, localAddress: sources.operator, noDelay: true });
    await once(socket, "connect");
    return new Writer(socket);
  }

  async writeFor(ms: number): Promise<Latencies> {
    const latencies: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end; ) {
      latencies.push(await this.#write());
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    latencies.sort((left, right) => left - right);
    const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
    return { count: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99) };
  }

  async #write(): Promise<number> {
    this.#next = (this.#next + 1) & 0xffff;
    const request = Buffer.from("000000000006" + "01" + "06" + "00010000", "hex");
    request.writeUInt16BE(this.#next, 0);
    request.writeUInt16BE(this.#next, 10);
    const began = performance.now();
    this.#socket.write(request);
    const [answer] = (await once(this.#socket, "data", { signal: AbortSignal.timeout(ANSWER_MS) })) as [Buffer];
    if (!answer.equals(request)) throw new Error(`a permitted write was answered ${answer.toString("hex")}`);
    this.answered += 1;
    return performance.now() - began;
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function flooder(name: string, site: FloodedSite, source: string, ...rest: readonly number[]): Promise<Running> {
  const args = [site.port, source, ...rest].map(String);
  const running = start({ name, file: `flood/processes/${name}.ts`, arguments: args });
  await within(ANSWER_MS, `the flood of ${name} did not start`, running, once(running.child, "message"));
  return running;
}

/** Ends the flood; how many a second were refused. */
async function reached({ child, ...running }: Running): Promise<number> {
  const answer = once(child, "message");
  child.send("stop");
  const [said] = (await within(ANSWER_MS, "the flood did not end", { child, ...running }, answer)) as [
    { readonly count: number; readonly seconds: number },
  ];
  return said.count / said.seconds;
}

function folderBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function permittedWrites(log: string, fromSeq: number): readonly string[] {
  return [...readLines(log, { fromSeq })].filter((line) => {
    const { kind, decision } = JSON.parse(line) as { readonly kind: string; readonly decision?: { permit?: boolean } };
    return kind === "transaction" && decision?.permit === true;
  });
}
