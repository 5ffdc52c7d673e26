import { describe, expect, test } from "vitest";
import { connect } from "../../client/connect.ts";
import type { RequestContext } from "../../server/handler.ts";
import { createMemoryHandler } from "../../server/memory-handler.ts";
import { createTestAuthority } from "../../testing/certificates.ts";
import { tlv, utf8String } from "../../testing/der-writer.ts";
import {
  answered,
  ca,
  clientIdentity,
  clientTls,
  pair,
  refused,
  root,
  type Served,
  serve,
  serverIdentity,
  serverTls,
  speak,
  versions,
} from "../../testing/secure.ts";
import { ROLE_OID } from "../role.ts";

const illegalFunction = expect.objectContaining({ code: "ERR_MODBUS_EXCEPTION", exception: 1 });

/** Roles to rights, as a user of the library writes them: Operator may do everything, Viewer read, nobody else anything. */
const rights = (request: { readonly kind: string }, { role }: RequestContext): boolean =>
  role === "Operator" || (role === "Viewer" && request.kind.startsWith("read-"));

/** A server that remembers whom it was asked by. */
async function watched(tls = serverTls): Promise<Served & { readonly asked: RequestContext[] }> {
  const asked: RequestContext[] = [];
  const served = await serve(tls, {
    authorize: (request, context) => {
      asked.push(context);
      return rights(request, context);
    },
  });
  return { ...served, asked };
}

const withRoles = (...roles: readonly Uint8Array[]) => ({ ...pair(clientIdentity({ roles })), ca });
const withRole = (role: string) => withRoles(utf8String(role));

describe("roles in Modbus/TCP Security", () => {
  test("R-04 what is authorised is the role in the client's certificate", async () => {
    const { url, asked } = await watched();
    await using viewer = await connect(url, { tls: withRole("Viewer") });
    expect(await viewer.readCoils(0, 1)).toEqual([false]);
    await expect(viewer.writeCoil(0, true)).rejects.toEqual(illegalFunction);
    expect(asked.map(({ role }) => role)).toEqual(["Viewer", "Viewer"]);
  });

  test("R-16 a server authorises by role, also with a promise", async () => {
    const later = await serve(serverTls, { authorize: async (_, { role }) => role === "Operator" });
    await using operator = await connect(later.url, { tls: clientTls });
    expect(await operator.readCoils(0, 1)).toEqual([false]);
    await using other = await connect(later.url, { tls: withRole("operator") });
    await expect(other.readCoils(0, 1)).rejects.toEqual(illegalFunction);
  });

  test("R-17 nothing gets past the authorisation: no function, no unit, no error in it", async () => {
    const errors: unknown[] = [];
    const { url } = await serve(serverTls, {
      handler: createMemoryHandler(),
      authorize: (request) => {
        if (request.kind === "read-coils") throw new Error("the database is away");
        return "yes" as never;
      },
      onError: (error) => errors.push(error),
    });
    await using client = await connect(url, { tls: clientTls });
    const attempts = [
      client.readCoils(0, 1),
      client.readHoldingRegisters(0, 1),
      client.writeRegister(0, 1, { unit: 99 }),
      client.readDeviceIdentification(),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toEqual(illegalFunction);
    expect(errors).toHaveLength(1);
  });

  test("R-18 extension, algorithm and rights together decide", async () => {
    const { url } = await watched();
    const may = async (role: string): Promise<boolean[]> => {
      await using client = await connect(url, { tls: withRole(role) });
      const done = (result: Promise<unknown>): Promise<boolean> => result.then(() => true).catch(() => false);
      return [await done(client.readCoils(0, 1)), await done(client.writeCoil(0, true))];
    };
    expect([await may("Operator"), await may("Viewer"), await may("Guest")]).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
  });

  test("R-21 the role is the one under 1.3.6.1.4.1.50316.802.1", async () => {
    expect(ROLE_OID).toBe("1.3.6.1.4.1.50316.802.1");
    const { url, asked } = await watched();
    const certificate = Buffer.from(clientIdentity().leaf);
    // The object identifier as it stands in the certificate: 1.3.6.1.4.1.50316.802.1 in DER.
    expect(certificate.includes(Buffer.from("060b2b06010401" + "83890c" + "8622" + "01", "hex"))).toBe(true);
    await using client = await connect(url, { tls: clientTls });
    await client.readCoils(0, 1);
    expect(asked[0]).toMatchObject({ role: "Operator", roleProblem: undefined });
  });

  test.each([
    ["PrintableString", tlv(0x13, Buffer.from("Operator")), "role-not-utf8string"],
    ["IA5String", tlv(0x16, Buffer.from("Operator")), "role-not-utf8string"],
    ["no tag at all", Buffer.from("Operator"), "role-malformed"],
    ["a byte behind it", Buffer.concat([utf8String("Operator"), Buffer.of(0)]), "role-trailing-bytes"],
    ["invalid UTF-8", tlv(0x0c, Buffer.of(0xc3, 0x28)), "role-not-utf8"],
    ["no character", utf8String(""), "role-empty"],
    ["65 characters", utf8String("x".repeat(65)), "role-too-long"],
    ["a control character", utf8String("Operator\0"), "role-control-character"],
  ] as const)("R-22 a role that is no clean UTF8String is the NULL role: %s", async (_, value, roleProblem) => {
    const { url, asked } = await watched();
    expect(await speak(url, withRoles(value))).toMatchObject({ reply: refused });
    expect(asked).toMatchObject([{ role: null, roleProblem }]);
  });

  test("R-23 a certificate without a role opens a session as the NULL role, and the algorithm decides", async () => {
    const strict = await watched();
    expect(await speak(strict.url, withRoles())).toMatchObject({ reply: refused });
    expect(strict.asked).toMatchObject([{ role: null, roleProblem: "role-missing" }]);
    const open = await serve(serverTls, { authorize: (_, { role }) => role === null });
    expect(await speak(open.url, withRoles())).toMatchObject({ reply: answered });
  });

  test("R-30 the role is the leaf's: one in an authority's certificate gives none", async () => {
    const sub = root.intermediate("issuing with a role", [utf8String("Operator")]);
    const { url, asked } = await watched();
    const { key, cert } = sub.issue({ name: "leaf" });
    expect(await speak(url, { key, cert, ca })).toMatchObject({ reply: refused });
    expect(asked).toMatchObject([{ role: null, roleProblem: "role-missing" }]);
  });

  test("R-30 a certificate that no authority vouches for has no role, also where the server is told to let it in", async () => {
    const { url, asked } = await watched({ ...serverTls, rejectUnauthorized: false });
    const forged = createTestAuthority("anybody").issue({ name: "client", roles: [utf8String("Operator")] });
    const { reply, session } = await speak(url, pair(forged));
    expect(reply).toBe(refused);
    expect(await speak(url, { ...pair(forged), session: session! })).toMatchObject({ reply: refused, reused: true });
    const nobody = { role: null, certificate: undefined };
    expect(asked).toMatchObject([nobody, nobody]);
    expect(await speak(url, clientTls as never)).toMatchObject({ reply: answered });
  });

  test("R-31 a rejected request is answered with exception 01, nine bytes and no more", async () => {
    const { url } = await watched();
    const { reply } = await speak(url, withRole("Guest"));
    //                    tx id    protocol length   unit   fc     exception
    expect(reply).toBe("0001" + "0000" + "0003" + "01" + "83" + "01");
  });

  test("R-65 two roles are none, and commas make no two of one", async () => {
    const { url, asked } = await watched();
    for (const roles of [
      [utf8String("Operator"), utf8String("Viewer")],
      [utf8String("Operator"), utf8String("Operator")],
    ]) {
      expect(await speak(url, withRoles(...roles))).toMatchObject({ reply: refused });
    }
    expect(asked.map(({ roleProblem }) => roleProblem)).toEqual(["role-several", "role-several"]);
    expect(await speak(url, withRole("Operator,Viewer"))).toMatchObject({ reply: refused });
    expect(asked[2]).toMatchObject({ role: "Operator,Viewer" });
  });

  test.each(versions)("R-42 a resumed session has the role of the one before (%s)", async (version) => {
    const { url, asked } = await watched();
    const options = { ...clientTls, minVersion: version, maxVersion: version } as never;
    const first = await speak(url, options);
    const again = await speak(url, { ...(options as object), session: first.session } as never);
    expect(again).toMatchObject({ reply: answered, reused: true });
    expect(asked.map(({ role }) => role)).toEqual(["Operator", "Operator"]);
    expect(asked[1]!.certificate).toEqual(asked[0]!.certificate);
  });

  test("R-43 a TLS 1.2 session is resumed by its ticket", async () => {
    const { url } = await serve();
    const old = { ...clientTls, maxVersion: "TLSv1.2" } as never;
    const { session } = await speak(url, old);
    // Another server with the same keys would know no session id; the ticket is all there is here.
    expect(session!.length).toBeGreaterThan(0);
    expect((await speak(url, { ...(old as object), session } as never)).reused).toBe(true);
    const other = await serve({ ...pair(serverIdentity()), ca });
    expect((await speak(other.url, { ...(old as object), session } as never)).reused).toBe(false);
  });
});
