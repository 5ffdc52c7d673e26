import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
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

describe("misuse of the control socket", () => {
  async function client(path: string): Promise<Socket> {
    const socket = connect({ path });
    socket.on("error", () => undefined);
    socket.setEncoding("utf8");
    await once(socket, "connect");
    return socket;
  }

  const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.on("close", () => resolve()));

  it("is answered with a code, and the next line is taken all the same", async () => {
    const path = join(folder, "b.sock");
    const control = await openControlSocket(path, (command) => Promise.resolve(command));
    const socket = await client(path);
    socket.write('not JSON\n[]\n{"command":1}\nnull\n{"id":7,"command":"x"}\n');
    let text = "";
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    await expect.poll(() => text.split("\n").length).toBe(6);
    const answers = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { error?: { code: string } });
    expect(answers.slice(0, 4).map(({ error }) => error?.code)).toEqual(Array(4).fill("ERR_CONTROL_REQUEST"));
    expect(answers[4]).toEqual({ id: 7, ok: true, result: "x" });
    socket.destroy();
    await control.close();
  });

  it("by a line without end closes that connection only", async () => {
    const path = join(folder, "c.sock");
    const control = await openControlSocket(path, () => Promise.resolve(1));
    const socket = await client(path);
    const gone = closed(socket);
    socket.write("x".repeat(33 * 1024 * 1024));
    await gone;
    expect(await askControlSocket(path, "status", {})).toEqual({ result: 1 });
    await control.close();
  });

  it("by somebody who asks and never reads is bounded: no further command is run for it", async () => {
    const path = join(folder, "d.sock");
    let asked = 0;
    const control = await openControlSocket(
      path,
      () => {
        asked += 1;
        return Promise.resolve("x".repeat(100_000));
      },
      200,
    );
    const socket = await client(path);
    socket.pause();
    for (let count = 0; count < 2_000; count += 1) socket.write(`{"id":${count},"command":"a"}\n`);
    // It is closed when it has been idle for too long; who reads then finds the end.
    await expect.poll(() => asked).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const gone = closed(socket);
    socket.resume();
    await gone;
    expect(asked).toBeLessThan(100);
    expect(await askControlSocket(path, "status", {})).toMatchObject({ result: expect.any(String) });
    await control.close();
  });

  it("by silence, or by too many, leaves room for others in time", async () => {
    const path = join(folder, "e.sock");
    const control = await openControlSocket(path, () => Promise.resolve(1), 200);
    const silent = await Promise.all(Array.from({ length: 16 }, () => client(path)));
    await expect(askControlSocket(path, "status", {})).rejects.toMatchObject({ code: "ERR_SITE_STOPPED" });
    await Promise.all(silent.map(closed));
    expect(await askControlSocket(path, "status", {})).toEqual({ result: 1 });
    await control.close();
  });

  it("commands of one connection are answered one after the other, in order", async () => {
    const path = join(folder, "f.sock");
    let running = 0;
    const control = await openControlSocket(path, async (command) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return command;
    });
    const socket = await client(path);
    let text = "";
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.end(Array.from({ length: 50 }, (_, id) => `{"id":${id},"command":"c"}\n`).join(""));
    await closed(socket);
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: number }).id),
    ).toEqual(Array.from({ length: 50 }, (_, id) => id));
    await control.close();
  });

  it("a site that does not answer is given up in time", async () => {
    const path = join(folder, "g.sock");
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expect(askControlSocket(path, "status", {}, 100)).rejects.toMatchObject({ code: "ERR_SITE_SILENT" });
    server.close();
  });
});
