import { join } from "node:path";
import { type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

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
    ...["--key", "-", "--name", name, "--out", join(folder, name), "--pin", pin, "--json"],
  ];
  return { service, enrol };
}

describe("enrol", () => {
  it("that has to be approved fetches its certificate when it is run again", async () => {
    const { service, enrol } = await endpoint();
    const { key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"], approval: "manual" });
    const pending = { id: "hmi", role: "Viewer", state: "pending", fingerprint: null, expires: null };
    expect(await runHere(enrol("hmi", pin), { input: key })).toMatchObject({ code: 0, json: [pending] });
    expect(await runHere(enrol("hmi", pin), { input: key })).toMatchObject({ code: 0, json: [pending] });
    await service.identities.approve("hmi");
    expect(await runHere(enrol("hmi", pin), { input: key })).toMatchObject({
      code: 0,
      json: [{ id: "hmi", state: "active", fingerprint: expect.any(String), expires: expect.any(String) }],
    });
    expect(await runHere(enrol("hmi", pin), { input: key })).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_IDENTITY_EXISTS" } }],
    });
  });

  it("takes the key from the environment, and the line that is typed at a terminal", async () => {
    const { service, enrol } = await endpoint();
    const [typed, named] = await Promise.all([
      service.keys.create({ kind: "client", roles: ["Viewer"] }),
      service.keys.create({ kind: "client", roles: ["Viewer"] }),
    ]);
    expect(await runHere(enrol("hmi-1", typed.pin), { typed: `${typed.key}\nnot read` })).toMatchObject({ code: 0 });
    vi.stubEnv("MODWARDEN_KEY", named.key);
    onTestFinished(() => void vi.unstubAllEnvs());
    const args = enrol("hmi-2", named.pin).filter((argument) => argument !== "--key" && argument !== "-");
    expect(await runHere(args)).toMatchObject({ code: 0, json: [{ id: "hmi-2", state: "active" }] });
  });

  it("ends with 2 for standard input that is no key, however much there is of it", async () => {
    const { service, enrol } = await endpoint();
    const { pin } = await service.keys.create({ kind: "client", roles: ["Viewer"] });
    expect(await runHere(enrol("hmi", pin), { input: "hello" })).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_KEY_MALFORMED" } }],
    });
    expect(await runHere(enrol("hmi", pin), { input: "0".repeat(100_000) })).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_FILE" } }],
    });
  });

  it("that is refused shows the correlation code, which leads to the reason", async () => {
    const { service, enrol } = await endpoint();
    const { id, key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"] });
    await service.keys.revoke(id);
    const { code, json, stderr } = await runHere(enrol("hmi", pin), { input: key });
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
