import { once } from "node:events";
import { request } from "node:https";
import { type AddressInfo, connect as connectPlain, createServer as createPlain } from "node:net";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EnrolmentServer, startEnrolmentServer } from "../endpoint/server.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { KeyOptions } from "../types.ts";
import { enrolWith } from "./enrol.ts";

let site: TestSite;
let server: EnrolmentServer;
const errors: unknown[] = [];

beforeEach(async () => {
  errors.length = 0;
  site = await openSite();
  server = await start();
});
afterEach(async () => {
  await server.close();
  await site[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

async function start(
  more: { readonly listen?: string; readonly names?: readonly string[]; readonly connectionsPerSource?: number } = {},
): Promise<EnrolmentServer> {
  return await startEnrolmentServer({
    service: site.service,
    listen: "https://127.0.0.1:0",
    names: ["127.0.0.1"],
    now: () => new Date(site.clock),
    onError: (error) => errors.push(error),
    ...more,
  });
}

async function options(
  key: Partial<KeyOptions> = {},
): Promise<{ url: string; key: string; pin: string; name: string; timeoutMs: number }> {
  const created = await site.service.keys.create({ kind: "client", roles: ["Operator"], ...key });
  return { url: server.url, key: created.key, pin: created.pin, name: "hmi-2", timeoutMs: 5000 };
}

describe("the server", () => {
  it("is believed by its pin alone: without one, or with another, it gets nothing", async () => {
    const asked = await options();
    for (const pin of [undefined, "", "sha256/x", asked.pin.replace("sha256", "sha1")]) {
      await expect(enrolWith({ ...asked, pin, url: "https://127.0.0.1:1" })).rejects.toMatchObject({
        code: "ERR_ENROLMENT_PIN",
      });
    }
    const other = await openSite();
    await expect(enrolWith({ ...asked, pin: other.service.pin })).rejects.toMatchObject({ code: "ERR_ENROLMENT_PIN" });
    await other[Symbol.asyncDispose]();
    expect(await site.service.identities.list()).toEqual([]);
    expect(site.events.filter((event) => event.event === "refused")).toEqual([]);
  });

  it("gets nothing when it only shows the right root without being issued by it", async () => {
    const asked = await options();
    // An impostor that copied the public chain: its own leaf, then the real issuing and root certificates.
    const impostor = await openSite();
    const own = await impostor.service.issueEndpointCertificate(["127.0.0.1"]);
    const leaf = own.chain.slice(0, own.chain.indexOf("-----END CERTIFICATE-----") + 26);
    const bodies: string[] = [];
    const { createServer } = await import("node:https");
    const fake = createServer({ key: own.key, cert: leaf + site.service.chain }, (incoming, response) => {
      bodies.push(incoming.url ?? "");
      response.end("{}");
    });
    fake.listen(0, "127.0.0.1");
    await once(fake, "listening");
    const url = `https://127.0.0.1:${(fake.address() as AddressInfo).port}`;
    await expect(enrolWith({ ...asked, url })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_ENROLMENT_(PIN|SERVER)$/) as unknown,
    });
    expect(bodies).toEqual([]);
    fake.close();
    await impostor[Symbol.asyncDispose]();
  });

  it("gets nothing under a name that its certificate does not hold", async () => {
    const wrongName = await start({ listen: "https://0.0.0.0:0", names: ["gw1.plant.example"] });
    const url = wrongName.url.replace("0.0.0.0", "127.0.0.1");
    await expect(enrolWith({ ...(await options()), url })).rejects.toMatchObject({
      code: "ERR_ENROLMENT_SERVER",
    });
    await wrongName.close();
    expect(await site.service.identities.list()).toEqual([]);
  });

  it("is unreachable when nothing listens, when it is no TLS, and when it never answers", async () => {
    const asked = await options();
    const silent = createPlain((socket) => socket.on("error", () => undefined));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const open = new Set<import("node:net").Socket>();
    silent.on("connection", (socket) => open.add(socket));
    const { port } = silent.address() as AddressInfo;
    const quiet = enrolWith({ ...asked, url: `https://127.0.0.1:${port}`, timeoutMs: 100 });
    await expect(quiet).rejects.toMatchObject({ code: "ERR_ENROLMENT_UNREACHABLE" });
    for (const socket of open) socket.destroy();
    silent.close();
    await once(silent, "close");
    const nobody = enrolWith({ ...asked, url: `https://127.0.0.1:${port}` });
    await expect(nobody).rejects.toMatchObject({ code: "ERR_ENROLMENT_UNREACHABLE" });
    await expect(enrolWith({ ...asked, url: "http://127.0.0.1" })).rejects.toMatchObject({
      code: "ERR_ENROLMENT_REQUEST",
    });
  });

  it("bounds the body and the connections of one source", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: server.port,
          path: "/v1/enrol",
          method: "POST",
          ca: site.service.root,
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on("error", reject);
      sent.write("x".repeat(20_000));
    });
    expect(status).toBe(413);
    const leaving = connect({ host: "127.0.0.1", port: server.port, ca: site.service.root }, () => {
      leaving.write("POST /v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf", () => leaving.destroy());
    });
    await once(leaving, "close");
    const small = await start({ connectionsPerSource: 2 });
    const sockets = [0, 1, 2].map(() => connectPlain(small.port, "127.0.0.1").on("error", () => undefined));
    await once(sockets[2]!, "close");
    expect(small.refusedConnections()).toBe(1);
    for (const socket of sockets) socket.destroy();
    await small.close();
  });

  it("asks for a client certificate, but speaks with who has none; it is never older than TLS 1.2", async () => {
    const old = connect({
      host: "127.0.0.1",
      port: server.port,
      ca: site.service.root,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
    });
    const [error] = (await once(old, "error")) as [Error];
    expect(error).toBeInstanceOf(Error);
    const plain = connect({ host: "127.0.0.1", port: server.port, ca: site.service.root });
    await once(plain, "secureConnect");
    expect(plain.authorized).toBe(true);
    plain.destroy();
  });
});
