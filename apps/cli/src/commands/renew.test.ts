import { join } from "node:path";
import { type IdentityService, loadIdentity, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { expect, it, onTestFinished } from "vitest";
import { noteItsEnd } from "../renewal/ending.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { runHere } from "../testing/terminal.ts";

/** An identity that enrolled with a site, in a folder. */
async function enrolled(): Promise<{ service: IdentityService; dir: string }> {
  const folder = temporaryFolder();
  const now = (): Date => new Date();
  const service = await openIdentity({ dir: join(folder, "site"), now });
  const server = await startEnrolmentServer({ service, listen: "https://127.0.0.1:0", names: [], now });
  onTestFinished(async () => {
    await server.close();
    await service.close();
  });
  const dir = join(folder, "hmi-2");
  const { key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"] });
  const args = ["enrol", server.url, "--key", "-", "--name", "hmi-2", "--out", dir, "--pin", pin];
  expect(await runHere(args, { input: key })).toMatchObject({ code: 0 });
  return { service, dir };
}

it("renews when it is due or asked to, under both of its names, and says when it will be", async () => {
  const { service, dir } = await enrolled();
  const first = loadIdentity(dir);
  const { fingerprint, renewAfter, expires } = first;
  const kept = { id: "hmi-2", role: "Viewer", state: "active", fingerprint, renewAfter, expires, outcome: "kept" };
  expect(await runHere(["renew", dir, "--json"])).toMatchObject({ code: 0, json: [kept], stderr: "" });
  expect(await runHere(["enrol", "renew", dir, "--if-due", "--json"])).toMatchObject({ code: 0, json: [kept] });
  const renewed = await runHere(["renew", dir, "--now", "--json"]);
  expect(renewed).toMatchObject({ code: 0, json: [{ id: "hmi-2", outcome: "renewed" }] });
  expect((await service.identities.show("hmi-2")).fingerprint).toBe(loadIdentity(dir).fingerprint);
  expect(loadIdentity(dir).fingerprint).not.toBe(fingerprint);
  expect(await runHere(["enrol", "recover", dir, "--json"])).toMatchObject({
    code: 1,
    json: [{ error: { code: "ERR_RENEWAL_EARLY" } }],
  });
  await service.identities.suspend("hmi-2");
  expect(await runHere(["renew", dir, "--now", "--json"])).toMatchObject({
    code: 5,
    json: [{ error: { code: "ERR_ENROLMENT_REFUSED", correlation: expect.any(String) } }],
  });
});

it("refuses two answers to one question, and a folder that holds no identity", async () => {
  const dir = temporaryFolder();
  expect(await runHere(["renew", dir, "--now", "--watch", "--json"])).toMatchObject({ code: 2 });
  expect(await runHere(["recover", dir, "--json"])).toMatchObject({
    code: 2,
    json: [{ error: { code: "ERR_IDENTITY_MISSING" } }],
  });
});

it("is told of in the last month, once it is time, with the command", () => {
  const day = 86_400_000;
  const end = Date.parse("2026-06-01T00:00:00Z");
  const noted = (life: number, left: number): string => {
    const lines: string[] = [];
    const certificate = { expires: new Date(end).toISOString(), renewAfter: new Date(end - life / 3).toISOString() };
    noteItsEnd({ note: (line) => lines.push(line) }, "./hmi", certificate, end - left);
    return lines.join("");
  };
  expect(noted(90 * day, 31 * day)).toBe("");
  expect(noted(90 * day, 29.5 * day)).toMatch(/in 29 days: modwarden renew \.\/hmi$/);
  expect(noted(day, 0.5 * day)).toBe("");
  expect(noted(day, 0.2 * day)).toContain("within a day");
  expect(noted(3650 * day, 31 * day)).toBe("");
  expect(noted(90 * day, -day)).toMatch(/modwarden recover \.\/hmi$/);
});
