/** Both sides of Modbus over TLS for tests, and what goes between them. */
import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { TlsClientOptions, TlsServerOptions } from "../link/tls.ts";
import type { Handler } from "../server/handler.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import type { ServerOptions } from "../server/options.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import type { ModbusUrl } from "../url.ts";
import { createTestAuthority, type TestIdentity, type TestSubject } from "./certificates.ts";
import { utf8String } from "./der-writer.ts";

export const root = createTestAuthority("root");
export const issuing = root.intermediate("issuing");
export const ca = root.certificate;
export const versions = ["TLSv1.2", "TLSv1.3"] as const;

/** A server's identity for 127.0.0.1, a client's with a role; what is given overrides that. */
export function serverIdentity(subject: Partial<TestSubject> = {}): TestIdentity {
  return issuing.issue({ name: "server", ips: ["127.0.0.1"], ...subject });
}

export function clientIdentity(subject: Partial<TestSubject> = {}): TestIdentity {
  return issuing.issue({ name: "client", roles: [utf8String("Operator")], ...subject });
}

export const serverTls: TlsServerOptions = { ...pair(serverIdentity()), ca };
export const clientTls: TlsClientOptions = { ...pair(clientIdentity()), ca };

export function pair({ key, cert }: TestIdentity): { readonly key: string; readonly cert: string } {
  return { key, cert };
}

export interface Served {
  readonly server: ModbusServer;
  readonly url: ModbusUrl;
  /** Why connections were ended or refused. */
  readonly dropped: readonly { readonly reason: string; readonly cause: Error | undefined }[];
}

/** A server on a free port until the test ends. */
export async function serve(
  tls: TlsServerOptions = serverTls,
  options: Omit<ServerOptions, "tls"> & { readonly handler?: Handler } = {},
): Promise<Served> {
  const { handler = createMemoryHandler(), ...rest } = options;
  const dropped: { reason: string; cause: Error | undefined }[] = [];
  const server = createServer(handler, {
    ...rest,
    tls,
    onDropped: (_, reason, cause) => dropped.push({ reason, cause }),
  });
  onTestFinished(() => server.close());
  return { server, dropped, url: await server.listen("modbus+tls://127.0.0.1:0") };
}

/** Read one register of unit 1, and what a server answers. */
export const request: Buffer = Buffer.from("000100000006010300000001", "hex");
export const answered = "0001000000050103020000";
/** What a server answers whom it does not let: function with bit 7, exception 01, nine bytes in all. */
export const refused = "000100000003018301";

export interface Spoken {
  /** The first reply as hex; undefined when the connection ended before. */
  readonly reply: string | undefined;
  readonly protocol: string | null;
  readonly suite: string | undefined;
  readonly reused: boolean;
  readonly session: Buffer | undefined;
  /** Node's code for an error of this side, such as of an alert that came. */
  readonly error: string | undefined;
}

/** One handshake and one request with Node's own client, which can be told what ours would not do. */
export function speak({ host, port }: { host: string; port: number }, options: ConnectionOptions): Promise<Spoken> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({ host, port, ca, checkServerIdentity: () => undefined, ...options });
    let reply: string | undefined;
    let session: Buffer | undefined;
    let error: string | undefined;
    const seen = { protocol: null as string | null, suite: undefined as string | undefined, reused: false };
    socket.on("session", (given) => {
      session = given;
    });
    socket.on("secureConnect", () => {
      seen.protocol = socket.getProtocol();
      seen.suite = socket.getCipher().standardName;
      seen.reused = socket.isSessionReused();
      socket.write(request);
    });
    socket.on("data", (chunk: Buffer) => {
      reply = chunk.toString("hex");
      socket.destroy();
    });
    socket.on("error", (cause: Error & { code?: string }) => {
      error = cause.code ?? cause.message;
    });
    socket.on("close", () => resolve({ reply, session, error, ...seen }));
  });
}

export interface Tap {
  /** Where to connect to. */
  readonly url: ModbusUrl;
  /** What has gone each way on the connection that came last. */
  readonly sent: () => Buffer;
  readonly received: () => Buffer;
  /** Changes what goes to the client from now on. */
  distort: ((chunk: Buffer) => Buffer) | undefined;
}

/** Stands between a client and a server, and writes down the bytes. */
export async function tap(url: ModbusUrl): Promise<Tap> {
  const sockets = new Set<Socket>();
  let sent: Buffer[] = [];
  let received: Buffer[] = [];
  const relay = createTcpServer((client) => {
    [sent, received] = [[], []];
    const [out, back] = [sent, received];
    const server = connectTcp(url.port, url.host);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (chunk: Buffer) => {
      out.push(chunk);
      server.write(chunk);
    });
    server.on("data", (chunk: Buffer) => {
      back.push(chunk);
      client.write(tapped.distort?.(chunk) ?? chunk);
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.end());
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  const tapped: Tap = {
    url: { ...url, port: (relay.address() as AddressInfo).port },
    sent: () => Buffer.concat(sent),
    received: () => Buffer.concat(received),
    distort: undefined,
  };
  return tapped;
}

/** What a server says to bytes that no TLS library would send, until it has said `enough` or hung up. */
export async function tell(
  { host, port }: { host: string; port: number },
  bytes: Uint8Array,
  enough: (said: Buffer) => boolean = () => false,
): Promise<Buffer> {
  const socket = connectTcp(port, host);
  const chunks: Buffer[] = [];
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (enough(Buffer.concat(chunks))) socket.destroy();
  });
  socket.write(bytes);
  await new Promise((resolve) => socket.on("close", resolve));
  return Buffer.concat(chunks);
}
