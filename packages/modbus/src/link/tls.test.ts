import { X509Certificate } from "node:crypto";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type ConnectOptions, connect } from "../client/connect.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer, type ModbusServer } from "../server/server.ts";
import { createTestAuthority } from "../testing/certificates.ts";
import type { ModbusUrl } from "../url.ts";
import type { TlsServerOptions } from "./tls.ts";

const authority = createTestAuthority("ours");
const stranger = createTestAuthority("theirs");
const ca = authority.certificate;
const client = { ...authority.issue({ name: "client" }), ca };
const serverTls: TlsServerOptions = {
  ...authority.issue({ name: "server", ips: ["127.0.0.1"], names: ["plc.example"] }),
  ca,
};

describe("Modbus over TLS", () => {
  const servers: ModbusServer[] = [];
  let refusals: { readonly reason: string; readonly cause: Error | undefined }[] = [];
  let refused = Promise.withResolvers<void>();

  async function serve(tls: TlsServerOptions = serverTls): Promise<ModbusUrl> {
    refusals = [];
    refused = Promise.withResolvers<void>();
    const server = createServer(createMemoryHandler(), {
      tls,
      onDropped: (_, reason, cause) => {
        refusals.push({ reason, cause });
        refused.resolve();
      },
    });
    servers.push(server);
    return server.listen("modbus+tls://127.0.0.1:0");
  }

  /** Connects and reads once, since a server may refuse behind the handshake. */
  async function attempt(url: ModbusUrl, tls: NonNullable<ConnectOptions["tls"]>): Promise<boolean[]> {
    await using connection = await connect(url, { tls });
    return await connection.readCoils(0, 1);
  }

  const asRefused = expect.objectContaining({ code: "ERR_MODBUS_REFUSED" });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  test("both sides see the other's certificate", async () => {
    const certificates: (Uint8Array | undefined)[] = [];
    const memory = createMemoryHandler();
    const server = createServer(
      (request, context) => {
        certificates.push(context.certificate);
        if (request.kind !== "read-coils") throw new Error("not asked for");
        return memory["read-coils"]!(request, context);
      },
      { tls: serverTls },
    );
    servers.push(server);
    const url = await server.listen("modbus+tls://127.0.0.1:0");
    await using connection = await connect(url, { tls: client });
    expect(await connection.readCoils(0, 2)).toEqual([false, false]);
    expect(new X509Certificate(certificates[0]!).subject).toBe("CN=client");
    expect(new X509Certificate(connection.certificate!).subject).toBe("CN=server");
  });

  test.each([
    ["without a certificate", { ca, anonymous: true } as const],
    ["with one of another authority", { ...stranger.issue({ name: "client" }), ca }],
  ])("a client %s is refused, and the server knows why", async (_, tls) => {
    const url = await serve();
    await expect(attempt(url, tls)).rejects.toEqual(asRefused);
    await refused.promise;
    expect(refusals).toEqual([{ reason: "tls", cause: expect.any(Error) }]);
  });

  test("a server of another authority, or without the right name, is refused by the client", async () => {
    const url = await serve();
    await expect(attempt(url, { ...client, ca: stranger.certificate })).rejects.toEqual(asRefused);
    await expect(attempt(url, { ...client, serverName: "other.example" })).rejects.toEqual(asRefused);
    expect(await attempt(url, { ...client, serverName: "plc.example" })).toEqual([false]);
    const nameless = await serve({ ...authority.issue({ name: "127.0.0.1" }), ca });
    await expect(attempt(nameless, client)).rejects.toEqual(asRefused);
  });

  test("checkServer replaces the comparison of names, and nothing else", async () => {
    const url = await serve();
    const names: string[] = [];
    const checkServer = (name: string): undefined => {
      names.push(name);
    };
    expect(await attempt(url, { ...client, serverName: "other.example", checkServer })).toEqual([false]);
    expect(names).toEqual(["other.example"]);
    await expect(attempt(url, { ...client, checkServer: () => new Error("no") })).rejects.toEqual(asRefused);
    await expect(attempt(url, { ...client, ca: stranger.certificate, checkServer })).rejects.toEqual(asRefused);
  });

  test("a server may do without certificates when it is told so", async () => {
    const url = await serve({ ...serverTls, rejectUnauthorized: false });
    expect(await attempt(url, { ca, anonymous: true })).toEqual([false]);
  });

  test("nothing older than TLS 1.2", async () => {
    const url = await serve();
    const socket = connectTls({
      ...client,
      host: url.host,
      port: url.port,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const error = await new Promise<Error | undefined>((resolve) => {
      socket.on("error", resolve);
      socket.on("secureConnect", () => resolve(undefined));
    });
    socket.destroy();
    expect(error).toBeInstanceOf(Error);
  });

  test("plain Modbus at a TLS port is hung up on", async () => {
    const url = await serve();
    await using connection = await connect({ ...url, scheme: "tcp" });
    await expect(connection.readCoils(0, 1)).rejects.toEqual(expect.objectContaining({ code: "ERR_MODBUS_CLOSED" }));
    await refused.promise;
    expect(refusals[0]?.reason).toBe("tls");
  });

  test("keys that do not fit are no connection, and no listener", async () => {
    const url = await serve();
    const noConnection = expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" });
    await expect(attempt(url, { ...client, key: "no key" })).rejects.toEqual(noConnection);
    await expect(serve({ ...serverTls, cert: "no certificate" })).rejects.toEqual(noConnection);
    await expect(createServer({}).listen("modbus+tls://127.0.0.1:0")).rejects.toEqual(noConnection);
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "with new authorities, a %s session from before is not resumed",
    async (version) => {
      const url = await serve();
      const first = await handshake(url, version);
      expect(first.accepted).toBe(true);
      const again = await handshake(url, version, first.session);
      expect(again).toMatchObject({ accepted: true, reused: true });
      servers[0]!.setTls({ ...serverTls, ca: stranger.certificate });
      expect(await handshake(url, version, again.session ?? first.session)).toMatchObject({ accepted: false });
    },
  );
});

/** One connection with a given session; accepted when a request on it is answered. */
function handshake(
  url: ModbusUrl,
  version: "TLSv1.2" | "TLSv1.3",
  session?: Buffer,
): Promise<{ accepted: boolean; reused: boolean; session: Buffer | undefined }> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({
      ...client,
      host: url.host,
      port: url.port,
      minVersion: version,
      maxVersion: version,
      ...(session === undefined ? {} : { session }),
    });
    let latest: Buffer | undefined;
    const done = (accepted: boolean): void => {
      resolve({ accepted, reused: socket.isSessionReused(), session: latest });
      socket.destroy();
    };
    socket.on("session", (given) => {
      latest = given;
    });
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("data", () => done(true));
    socket.on("secureConnect", () => socket.write(Uint8Array.of(0, 1, 0, 0, 0, 6, 1, 1, 0, 0, 0, 1)));
  });
}
