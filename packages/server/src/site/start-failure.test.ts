import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { DocumentError } from "@modwarden/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { siteCommand } from "./offline.ts";
import { createSiteFolder, type SiteFolder } from "./testing/site-folder.ts";

/** A site that cannot start says why with a stable code, and leaves nothing running and nothing locked. */
let folder: SiteFolder;
let taken: Server | undefined;
beforeEach(async () => {
  folder = await createSiteFolder();
});
afterEach(async () => {
  taken?.close();
  taken = undefined;
  await folder.remove();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  taken = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

/** The folder is neither locked nor damaged: registry, authority and log open, and a command is done. */
async function usable(): Promise<void> {
  const id = `client-${performance.now()}`;
  await siteCommand(folder.load(), "identity.add", { id, kind: "client", role: "Viewer" });
}

async function startsNow(): Promise<void> {
  const running = await folder.start();
  await running.stop();
}

describe("a port that is taken", () => {
  it.each([
    ["of the TLS listener", "modbus+tls://127.0.0.1:", "ERR_LINE_LISTEN"],
    ["of the plain listener", "modbus+tcp://127.0.0.1:", "ERR_LINE_LISTEN"],
    ["of the console", "http://127.0.0.1:", "ERR_SITE_LISTEN"],
    ["of the enrolment", "https://127.0.0.1:", "ERR_SITE_LISTEN"],
  ])("%s", async (_name, url, code) => {
    const port = await takenPort();
    await expect(folder.start((text) => text.replace(`"${url}0"`, `"${url}${port}"`))).rejects.toMatchObject({
      code,
      cause: { code: "EADDRINUSE", port },
    });
    await usable();
  });

  it("twice by the same site", async () => {
    const port = await takenPort();
    taken?.close();
    const both = (text: string): string =>
      text
        .replace("modbus+tls://127.0.0.1:0", `modbus+tls://127.0.0.1:${port}`)
        .replace("modbus+tcp://127.0.0.1:0", `modbus+tcp://127.0.0.1:${port}`);
    await expect(folder.start(both)).rejects.toMatchObject({ code: "ERR_LINE_LISTEN" });
    await startsNow();
  });
});

describe("a data folder", () => {
  it("whose certificate authority is damaged", async () => {
    await usable();
    const file = join(folder.data, "ca", "issuing.pem");
    const before = readFileSync(file);
    writeFileSync(file, "nothing of use\n");
    await expect(folder.start()).rejects.toMatchObject({ code: "ERR_AUTHORITY_DAMAGED" });
    writeFileSync(file, before);
    await usable();
  });

  it("whose log was changed", async () => {
    await usable();
    const audit = join(folder.data, "audit");
    const segment = join(
      audit,
      readdirSync(audit).filter((name) => name.endsWith(".jsonl") && name !== "checkpoints.jsonl")[0] ?? "",
    );
    const before = readFileSync(segment, "utf8");
    writeFileSync(segment, before.replace('"site":"test"', '"site":"best"'));
    await expect(folder.start()).rejects.toMatchObject({ code: "ERR_AUDIT_TAMPERED" });
    writeFileSync(segment, before);
    await usable();
  });

  it("whose log was put back to an earlier state of its own, its keys too", async () => {
    await usable();
    const kept = join(folder.dir, "kept");
    cpSync(folder.data, kept, { recursive: true });
    await usable();
    const checkpoints = readFileSync(join(folder.data, "audit", "checkpoints.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    writeFileSync(join(folder.dir, "witness"), `${checkpoints.at(-1)}\n`);
    const witnessed = (text: string): string => `${text}audit: { witness: [{ file: witness }] }\n`;
    for (const name of ["audit", "audit-keys"]) {
      rmSync(join(folder.data, name), { recursive: true });
      cpSync(join(kept, name), join(folder.data, name), { recursive: true });
    }
    await expect(folder.start(witnessed)).rejects.toMatchObject({ code: "ERR_AUDIT_TAMPERED" });
    await usable();
  });

  it("whose path is too long for the control socket", async () => {
    const long = `./${"x".repeat(110)}`;
    await expect(folder.start((text) => text.replace("./data", long))).rejects.toMatchObject({ code: "ERR_SITE_PATH" });
  });

  it("that is a file, or holds something else as its lock", async () => {
    writeFileSync(join(folder.dir, "file"), "");
    await expect(folder.start((text) => text.replace("./data", "./file"))).rejects.toMatchObject({
      code: "ERR_SITE_DATA",
    });
    mkdirSync(join(folder.dir, "odd"));
    appendFileSync(
      join(folder.dir, "odd", "lock"),
      "this is no database, and long enough to be seen as none".repeat(20),
    );
    await expect(folder.start((text) => text.replace("./data", "./odd"))).rejects.toMatchObject({
      code: "ERR_SITE_DATA",
    });
  });
});

describe("an id that means two things", () => {
  it("a device of the site file and a client in the registry", async () => {
    await siteCommand(folder.load(), "identity.add", { id: "device", kind: "client", role: "Viewer" });
    await expect(folder.start()).rejects.toMatchObject({ code: "ERR_SITE_DEVICE" });
    await usable();
  });

  it("the gateway and a client in the registry", async () => {
    await siteCommand(folder.load(), "identity.add", { id: "gw1", kind: "client", role: "Viewer" });
    await expect(folder.start()).rejects.toMatchObject({ code: "ERR_IDENTITY_TAKEN" });
  });

  it("the gateway and one of its devices", () => {
    expect(() => folder.load((text) => text.replace("id: device,", "id: gw1,"))).toThrow(DocumentError);
  });

  it("a device that was retired is new when the file lists it again", async () => {
    await startsNow();
    await siteCommand(folder.load(), "identity.retire", { id: "device" });
    await startsNow();
    expect(await siteCommand(folder.load(), "identity.show", { id: "device" })).toMatchObject({ state: "active" });
  });
});
