import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { modwarden, startModwarden } from "../cli/modwarden.ts";

const folder = mkdtempSync(join(tmpdir(), "modwarden-demo-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("modwarden demo", () => {
  it("--once plays fifteen steps that all agree", async () => {
    const { code, json, stderr } = await modwarden(["demo", "--once", "--json", "--data", join(folder, "once")]);
    const last = json.at(-1) as { ok: boolean; steps: { id: number; ok: boolean; expected: string; got: string }[] };
    expect(last.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(last.steps.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(last.ok).toBe(true);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const ready = json.slice(0, -1).map((line) => (line as { ready: string }).ready);
    expect(ready[0]).toBe("console");
    expect(ready.at(-1)).toBe("all");
    expect(new Set(ready)).toEqual(new Set(["console", "gateway", "enrolment", "simulator", "all"]));
  }, 90_000);

  it("runs until it is told to stop, shows its page, and leaves a log that verifies", async () => {
    const data = join(folder, "long");
    const running = startModwarden(["demo", "--json", "--data", data]);
    await running.ready("all");
    const address = new URL(await running.ready("console"));
    const page = await fetch(new URL("/", address));
    expect(page.status).toBe(200);
    expect((await fetch(new URL("/api/v1/devices", address))).status).toBe(401);
    const token = /token=([^&]+)/.exec(address.hash)?.[1] ?? "";
    const authorised = { headers: { authorization: `Bearer ${token}` } };
    await expect
      .poll(
        async () => {
          const response = await fetch(new URL("/api/v1/devices", address), authorised);
          const devices = (await response.json()) as { devices: { id: string; state: string }[] };
          return devices.devices.map(({ id, state }) => `${id} ${state}`);
        },
        { timeout: 15_000 },
      )
      .toEqual(["meter up", "inverter up", "drive up", "battery up"]);
    const site = readFileSync(join(data, "site.yaml"), "utf8");
    const second = await modwarden(["demo", "--json", "--data", data]);
    expect(second).toMatchObject({ code: 1, json: [{ error: { code: "ERR_SITE_LOCKED" } }] });
    expect(readFileSync(join(data, "site.yaml"), "utf8")).toBe(site);
    const { code, stderr } = await running.stop("SIGINT");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(existsSync(join(data, "data", "control.sock"))).toBe(false);
    const verified = await modwarden(["audit", "verify", "--json", "--log", join(data, "data", "audit")]);
    expect(verified.json).toMatchObject([{ ok: true, pending: 0 }]);
    const secrets = readFileSync(join(data, "identities", "operator-1", "identity.json"), "utf8");
    expect(secrets).not.toContain("mwk1_");
  }, 90_000);
});
