import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { askControlSocket, openControlSocket } from "./control-socket.ts";
import { SiteError } from "./error.ts";

const folder = mkdtempSync(join(tmpdir(), "modwarden-control-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the control socket", () => {
  it("answers with the result, or with the error's own code, and belongs to its owner only", async () => {
    const path = join(folder, "a.sock");
    const socket = await openControlSocket(path, async (command, parameters) => {
      if (command === "fail") throw new SiteError("ERR_SITE_TEST", "no");
      return { command, parameters };
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await askControlSocket(path, "key.list", { a: 1 })).toEqual({
      result: { command: "key.list", parameters: { a: 1 } },
    });
    await expect(askControlSocket(path, "fail", {})).rejects.toMatchObject({ code: "ERR_SITE_TEST" });
    await socket.close();
  });

  it("is not there when no site runs, nor when one has died and left its file", async () => {
    expect(await askControlSocket(join(folder, "none.sock"), "status", {})).toBeUndefined();
    const stale = join(folder, "stale.sock");
    writeFileSync(stale, "");
    expect(await askControlSocket(stale, "status", {})).toBeUndefined();
    const socket = await openControlSocket(stale, () => Promise.resolve(1));
    expect(await askControlSocket(stale, "status", {})).toEqual({ result: 1 });
    await socket.close();
  });

  it("refuses a path that the kernel would cut off", async () => {
    const path = join(folder, "x".repeat(120), "control.sock");
    await expect(openControlSocket(path, () => Promise.resolve(1))).rejects.toMatchObject({ code: "ERR_SITE_PATH" });
  });
});
