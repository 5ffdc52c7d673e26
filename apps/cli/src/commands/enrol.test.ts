import { join } from "node:path";
import { type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

/** A registry with its enrolment endpoint, and the start of a command line that enrols at it. */
async function endpoint(): Promise<{ service: IdentityService; enrol: (name: string, pin: string) => string[] }> {
  const folder = temporaryFolder();
  const service = await openIdentity({ dir: join(folder, "site"), now: () => new Date() });
  const server = await startEnrolmentServer({
    service,
    listen: "https://127.0.0.1:0",
    names: ["127.0.0.1"],
    now: () => new Date(),
  });
  onTestFinished(async () => {
    await server.close();
    await service.close();
  });
  const enrol = (name: string, pin: string) => [
    "enrol",
    server.url,
    ...["--name", name, "--out", join(folder, name), "--pin", pin, "--json"],
  ];
  return { service, enrol };
}

/** With the registration key in the environment: a key file is read by its path, standard input by its descriptor. */
async function enrolHere(args: readonly string[], key: string): Promise<Ran> {
  process.env["MODWARDEN_KEY"] = key;
  try {
    return await runHere(args);
  } finally {
    delete process.env["MODWARDEN_KEY"];
  }
}

describe("enrol", () => {
  it("that has to be approved fetches its certificate when it is run again", async () => {
    const { service, enrol } = await endpoint();
    const { key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"], approval: "manual" });
    const pending = { id: "hmi", role: "Viewer", state: "pending", fingerprint: null, expires: null };
    expect(await enrolHere(enrol("hmi", pin), key)).toMatchObject({ code: 0, json: [pending] });
    expect(await enrolHere(enrol("hmi", pin), key)).toMatchObject({ code: 0, json: [pending] });
    await service.identities.approve("hmi");
    expect(await enrolHere(enrol("hmi", pin), key)).toMatchObject({
      code: 0,
      json: [{ id: "hmi", state: "active", fingerprint: expect.any(String), expires: expect.any(String) }],
    });
    expect(await enrolHere(enrol("hmi", pin), key)).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_IDENTITY_EXISTS" } }],
    });
  });

  it("that is refused shows the correlation code, which leads to the reason", async () => {
    const { service, enrol } = await endpoint();
    const { id, key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"] });
    await service.keys.revoke(id);
    const { code, json, stderr } = await enrolHere(enrol("hmi", pin), key);
    expect(code).toBe(5);
    expect(json).toMatchObject([{ error: { code: "ERR_ENROLMENT_REFUSED", correlation: expect.any(String) } }]);
    const [{ error }] = json as [{ error: { correlation: string; message: string } }];
    expect(error.message).toContain(error.correlation);
    expect(stderr).toContain(error.message);
  });

  it.each([[undefined], ["trust-me"]])(
    "ends with 2 where the pin is %s: wrong usage, nothing is asked",
    async (pin) => {
      const pinned = pin === undefined ? [] : ["--pin", pin];
      const args = [
        "enrol",
        "https://127.0.0.1:1",
        "--name",
        "hmi",
        "--out",
        join(temporaryFolder(), "hmi"),
        ...pinned,
      ];
      expect(await runHere([...args, "--json"])).toMatchObject({
        code: 2,
        json: [{ error: { code: "ERR_ENROLMENT_PIN" } }],
      });
    },
  );
});
