import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { connect } from "../../client/connect.ts";
import { createMemoryHandler } from "../../server/memory-handler.ts";
import { createTestAuthority } from "../../testing/certificates.ts";
import {
  certificatesOf,
  clientHello,
  EXTENSION,
  helloRecord,
  MESSAGE,
  messageOf,
  messagesOf,
  numbers,
  RECORD,
  recordsOf,
  serverHello,
} from "../../testing/handshake-messages.ts";
import {
  answered,
  ca,
  clientTls,
  request,
  serve,
  serverTls,
  speak,
  tap,
  tell,
  versions,
} from "../../testing/secure.ts";
import { childrenOf, contentOf, TAG, whole } from "../der.ts";
import { defaultSuites, sunSpecSuites } from "../suites.ts";

const asRefused = expect.objectContaining({ code: "ERR_MODBUS_REFUSED" });
const stranger = createTestAuthority("stranger");
const ecdsaGcm = 0xc02b;

/** Client and server of this library with a tap between them, one request done, all in TLS 1.2: in the clear. */
async function handshake12(): Promise<Awaited<ReturnType<typeof tap>>> {
  const { url } = await serve();
  const wire = await tap(url);
  await using client = await connect(wire.url, {
    tls: { ...clientTls, suites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] },
  });
  await client.readHoldingRegisters(0, 1);
  return wire;
}

describe("the TLS handshake of Modbus/TCP Security", () => {
  test("R-01 TLS 1.2 and TLS 1.3 both carry Modbus", async () => {
    const { url } = await serve();
    for (const version of versions) {
      const spoken = await speak(url, { ...clientTls, minVersion: version, maxVersion: version } as never);
      expect(spoken).toMatchObject({ reply: answered, protocol: version });
    }
  });

  test("R-02 a client without a certificate is refused, and so is a server whose authority is unknown", async () => {
    const { url } = await serve();
    await using anonymous = await connect(url, { tls: { ca, anonymous: true } });
    await expect(anonymous.readCoils(0, 1)).rejects.toEqual(asRefused);
    await expect(connect(url, { tls: { ...clientTls, ca: stranger.certificate } })).rejects.toEqual(asRefused);
  });

  test("R-03 what both sides show is an X.509 certificate of version 3", async () => {
    const wire = await handshake12();
    for (const direction of [wire.sent(), wire.received()]) {
      for (const certificate of certificatesOf(messageOf(direction, MESSAGE.certificate))) {
        const [version] = childrenOf(childrenOf(whole(certificate, TAG.sequence))[0]!);
        expect(version!.tag).toBe(TAG.version);
        expect([...contentOf(version!)]).toEqual([2, 1, 2]);
      }
    }
  });

  test("R-05 the MBAP header goes through TLS as it is, all seven bytes", async () => {
    const { url } = await serve();
    const socket = connectTls({ ...clientTls, host: url.host, port: url.port } as never);
    onTestFinished(() => void socket.destroy());
    //                          tx id   protocol length unit fc address quantity
    socket.write(Buffer.from("beef" + "0000" + "0006" + "07" + "03" + "0000" + "0001", "hex"));
    const [chunk] = await new Promise<Buffer[]>((resolve) => socket.once("data", (data) => resolve([data])));
    expect(chunk!.toString("hex")).toBe("beef" + "0000" + "0005" + "07" + "03" + "020000");
  });

  test("R-06 each side has verified the other when the first request is answered", async () => {
    const seen: (Uint8Array | undefined)[] = [];
    const memory = createMemoryHandler();
    const { url } = await serve(serverTls, {
      handler: (asked, context) => {
        seen.push(context.certificate);
        return memory["read-coils"]!(asked as never, context);
      },
    });
    await using client = await connect(url, { tls: clientTls });
    await client.readCoils(0, 1);
    expect(seen).toHaveLength(1);
    expect(Buffer.from(seen[0]!).includes("client")).toBe(true);
    expect(Buffer.from(client.certificate!).includes("server")).toBe(true);
  });

  test("R-07 the server asks for the client's certificate", async () => {
    const wire = await handshake12();
    expect(messagesOf(wire.received()).map(({ type }) => type)).toContain(MESSAGE.certificateRequest);
  });

  test("R-08 the client answers with its certificate, and does not start without one", async () => {
    const wire = await handshake12();
    expect(certificatesOf(messageOf(wire.sent(), MESSAGE.certificate)).length).toBeGreaterThan(0);
    const bad = expect.objectContaining({ code: "ERR_MODBUS_BAD_VALUE" });
    await expect(connect(wire.url, { tls: { ca } })).rejects.toEqual(bad);
    await expect(connect(wire.url, { tls: { ca, key: clientTls.key! } })).rejects.toEqual(bad);
  });

  test("R-10 no certificate from the client ends the handshake with a fatal alert", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    await speak(wire.url, { maxVersion: "TLSv1.2" });
    const alert = recordsOf(wire.received()).find(({ type }) => type === RECORD.alert);
    // level 2: fatal; 40: handshake_failure. RFC 5246 § 7.2
    expect([...alert!.content]).toEqual([2, 40]);
    expect(await speak(wire.url, { minVersion: "TLSv1.3" })).toMatchObject({
      reply: undefined,
      error: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    });
  });

  test("R-11 a session that ended with a fatal alert is not resumed by the client", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    const tls = { ...clientTls, suites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] } as const;
    /** Certificates travel in a full handshake only. */
    const isResumed = (): boolean => !messagesOf(wire.received()).some(({ type }) => type === MESSAGE.certificate);
    const ask = async (): Promise<boolean> => {
      await using client = await connect(wire.url, { tls });
      await client.readCoils(0, 1);
      return isResumed();
    };
    expect([await ask(), await ask()]).toEqual([false, true]);
    await using broken = await connect(wire.url, { tls });
    expect(isResumed()).toBe(true);
    wire.distort = (chunk) => Buffer.concat([chunk.subarray(0, -1), Buffer.of(chunk.at(-1)! ^ 1)]);
    await expect(broken.readCoils(0, 1)).rejects.toThrow();
    await broken.closed;
    wire.distort = undefined;
    expect(await ask()).toBe(false);
  });

  test("R-32 the client offers TLS 1.2 and TLS 1.3 and nothing else", async () => {
    const { url } = await serve();
    const wire = await tap(url);
    // AES_128_CCM_8 lowers OpenSSL's security level, which would keep older versions out by itself.
    for (const suites of [defaultSuites, sunSpecSuites]) {
      await using client = await connect(wire.url, { tls: { ...clientTls, suites } });
      await client.readCoils(0, 1);
      const hello = clientHello(messageOf(wire.sent(), MESSAGE.clientHello));
      expect(numbers(hello.extensions.get(EXTENSION.supportedVersions)!.subarray(1))).toEqual([0x0304, 0x0303]);
    }
  });

  test("R-33 a TLS 1.2 handshake has the messages of RFC 5246, in their order", async () => {
    const wire = await handshake12();
    const { serverHello: hello, certificate, serverKeyExchange, certificateRequest, serverHelloDone } = MESSAGE;
    // What follows comes behind the client's messages: a session ticket.
    expect(
      messagesOf(wire.received())
        .map(({ type }) => type)
        .slice(0, 5),
    ).toEqual([hello, certificate, serverKeyExchange, certificateRequest, serverHelloDone]);
    expect(serverHello(messageOf(wire.received(), hello)).version).toBe(0x0303);
  });

  test("R-34 TLS 1.1, TLS 1.0 and SSL 3.0 are refused", async () => {
    const { url } = await serve();
    // The second is one whose security level would let older versions pass.
    for (const place of [url, (await serve({ ...serverTls, suites: sunSpecSuites })).url]) {
      for (const version of ["TLSv1.1", "TLSv1"] as const) {
        const old = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" } as const;
        expect(await speak(place, { ...clientTls, ...old } as never)).toMatchObject({
          reply: undefined,
          error: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
        });
      }
    }
    const said = recordsOf(await tell(url, helloRecord({ version: 0x0300, suites: [ecdsaGcm, 0x002f] })));
    expect(said.map(({ type, content }) => [type, content[0]])).toEqual([[RECORD.alert, 2]]);
  });

  test("R-35 a greeting of SSL 2.0 gets no handshake", async () => {
    const { url, dropped } = await serve();
    //                         length  hello version ciphers session challenge
    const greeting = Buffer.from(`802e0100020015000000100100800300800700c0060040020080040080${"00".repeat(19)}`, "hex");
    const said = recordsOf(await tell(url, greeting));
    expect(said.filter(({ type }) => type === RECORD.handshake)).toEqual([]);
    expect(dropped).toMatchObject([{ reason: "tls" }]);
  });

  test.each(versions)("R-41 mutual authentication works (%s)", async (version) => {
    const { url } = await serve();
    const only = { minVersion: version, maxVersion: version };
    expect(await speak(url, { ...clientTls, ...only } as never)).toMatchObject({ reply: answered });
    expect(await speak(url, only)).toMatchObject({ reply: undefined });
    expect(await speak(url, { ...clientTls, ...only, ca: stranger.certificate } as never)).toMatchObject({
      protocol: null,
    });
  });

  test.each(versions)("R-44 no request of a client without a certificate is carried out (%s)", async (version) => {
    let requests = 0;
    const { url, dropped } = await serve(serverTls, {
      handler: () => {
        requests += 1;
        throw new Error("nobody may ask");
      },
    });
    const spoken = await speak(url, { minVersion: version, maxVersion: version });
    expect(spoken.reply).toBeUndefined();
    await expect.poll(() => dropped).toMatchObject([{ reason: "tls" }]);
    expect(requests).toBe(0);
  });

  test("R-60 secure renegotiation is indicated, and no renegotiation is carried out", async () => {
    const wire = await handshake12();
    const hello = serverHello(messageOf(wire.received(), MESSAGE.serverHello));
    expect([...hello.extensions.get(EXTENSION.renegotiation)!]).toEqual([0]);
    const { url } = await serve();
    const socket = connectTls({ ...clientTls, host: url.host, port: url.port, maxVersion: "TLSv1.2" } as never);
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.write(request);
    await new Promise((resolve) => socket.once("data", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.renegotiate({}, () => undefined);
    await closed;
  });
});
