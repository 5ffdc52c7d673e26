import { describe, expect, test } from "vitest";
import { connect } from "../../client/connect.ts";
import { createTestAuthority } from "../../testing/certificates.ts";
import {
  certificatesOf,
  clientHello,
  EXTENSION,
  helloRecord,
  MESSAGE,
  messageOf,
  RECORD,
  recordsOf,
  serverHello,
} from "../../testing/handshake-messages.ts";
import {
  answered,
  ca,
  clientIdentity,
  clientTls,
  issuing,
  serve,
  serverIdentity,
  serverTls,
  speak,
  tap,
  tell,
} from "../../testing/secure.ts";

const old = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] as const;
const bad = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
const certificates = (chain: string): string[] => chain.split(/(?<=-----END CERTIFICATE-----\n)/);
const leafOnly = (chain: string): string => certificates(chain).slice(0, 1).join("");
const rootless = (chain: string): string => certificates(chain).slice(0, -1).join("");

/** How many certificates each side sends. */
async function lengths(server: typeof serverTls, client: typeof clientTls): Promise<number[]> {
  const { url } = await serve(server);
  const wire = await tap(url);
  await using connection = await connect(wire.url, { tls: { ...client, suites: old } });
  await connection.readCoils(0, 1);
  return [wire.received(), wire.sent()].map(
    (direction) => certificatesOf(messageOf(direction, MESSAGE.certificate)).length,
  );
}

describe("certificates in Modbus/TCP Security", () => {
  test("R-45 certificates of an authority are what is used; a self-signed one can be pinned", async () => {
    const { url } = await serve();
    expect(await speak(url, clientTls as never)).toMatchObject({ reply: answered });
    const alone = createTestAuthority("a device of its own");
    const own = { key: alone.key, cert: alone.certificate };
    // It is in no list of authorities, so that nobody trusts it.
    expect(await speak(url, own)).toMatchObject({ reply: undefined });
    const pinned = await serve({ ...serverTls, ca: [ca, alone.certificate] });
    expect(await speak(pinned.url, own)).toMatchObject({ reply: answered });
  });

  test("R-46 both sides send the whole chain, the root included, and refuse to begin with less", async () => {
    expect(await lengths(serverTls, clientTls)).toEqual([3, 3]);
    const server = serverIdentity();
    const client = clientIdentity();
    const authorities = [issuing.certificate, ca];
    // What is missing is taken from the authorities that are known.
    expect(
      await lengths(
        { key: server.key, cert: leafOnly(server.cert), ca: authorities },
        { key: client.key, cert: leafOnly(client.cert), ca: authorities },
      ),
    ).toEqual([3, 3]);
    // OpenSSL completes a bare leaf only; to a chain that is given it adds nothing.
    expect(
      await lengths(
        { key: server.key, cert: rootless(server.cert), ca },
        { key: client.key, cert: rootless(client.cert), ca },
      ),
    ).toEqual([3, 3]);
    await expect(serve({ key: server.key, cert: leafOnly(server.cert), ca })).rejects.toEqual(bad);
    const { url, server: running } = await serve();
    expect(() => running.setTls({ key: server.key, cert: leafOnly(server.cert), ca })).toThrow(bad);
    await expect(connect(url, { tls: { key: client.key, cert: leafOnly(client.cert), ca } })).rejects.toEqual(bad);
  });

  test("R-57 the maximum fragment length that a client asks for is confirmed and kept", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    await using client = await connect(wire.url, { tls: { ...clientTls, suites: old } });
    await client.readCoils(0, 1);
    const { suites, extensions } = clientHello(messageOf(wire.sent(), MESSAGE.clientHello));
    for (const [code, bytes] of [
      [1, 512],
      [2, 1024],
      [3, 2048],
      [4, 4096],
    ] as const) {
      const asking = new Map([...extensions, [EXTENSION.maxFragmentLength, Buffer.of(code)]]);
      const said = await tell(url, helloRecord({ suites, extensions: asking }), (soFar) =>
        // ServerHelloDone ends the server's part.
        soFar.subarray(-4).equals(Buffer.of(MESSAGE.serverHelloDone, 0, 0, 0)),
      );
      const hello = serverHello(messageOf(said, MESSAGE.serverHello));
      expect([...hello.extensions.get(EXTENSION.maxFragmentLength)!]).toEqual([code]);
      for (const { type, content } of recordsOf(said)) {
        expect(type).toBe(RECORD.handshake);
        expect(content.length).toBeLessThanOrEqual(bytes);
      }
    }
  });

  test("R-58 a client that is told 512 bytes sends no larger fragment, though it cannot ask the server for it", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    await using client = await connect(wire.url, {
      tls: { ...clientTls, suites: old, maxSendFragment: 512 },
      adusPerWrite: "several",
      outstanding: 16,
    });
    const handshake = wire.sent().length;
    const values = new Uint16Array(120);
    await Promise.all(Array.from({ length: 8 }, () => client.writeRegisters(0, values)));
    const sizes = recordsOf(wire.sent().subarray(handshake)).map(({ content }) => content.length);
    // 8 bytes of nonce and 16 of tag around a fragment of AES-128-GCM. RFC 5288 § 3
    expect(Math.max(...sizes)).toBe(512 + 24);
    await expect(connect(url, { tls: { ...clientTls, maxSendFragment: 100 as never } })).rejects.toEqual(bad);
  });
});
