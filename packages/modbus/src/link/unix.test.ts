import { mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../client/connect.ts";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer, type ModbusServer } from "../server/server.ts";

const noConnection = expect.objectContaining({ code: "ERR_MODBUS_NO_CONNECTION" });

describe("a Unix socket", () => {
  const servers: ModbusServer[] = [];
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mb-"));
    path = join(folder, "a socket");
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rm(folder, { recursive: true });
  });

  const url = (): string => `modbus+unix://${path.replaceAll(" ", "%20")}`;
  async function serve(mode?: number): Promise<ModbusServer> {
    const server = createServer(createMemoryHandler({ holdingRegisters: Uint16Array.of(7) }));
    servers.push(server);
    await server.listen(url(), mode === undefined ? {} : { mode });
    return server;
  }

  /** Bound, and never removed: as after a kill. */
  async function leaveBehind(): Promise<void> {
    const gone = createNetServer();
    await new Promise<void>((resolve) => gone.listen(join(folder, "gone"), resolve));
    await rename(join(folder, "gone"), path);
    await new Promise((resolve) => gone.close(resolve));
  }

  test.each([false, true])(
    "is that of one server when several begin at one time (one left behind: %s)",
    async (old) => {
      if (old) await leaveBehind();
      const begun = await Promise.allSettled([serve(), serve(), serve(), serve()]);
      expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const one of begun) if (one.status === "rejected") expect(one.reason).toEqual(noConnection);
      expect(await readdir(folder)).toEqual(["a socket"]);
      await using client = await connect(url());
      expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    },
  );

  test("belongs to its user, unless a mode says otherwise, and goes with its server", async () => {
    const server = await serve();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["a socket"]);
    await using client = await connect(url());
    expect(client.peer).toBe(path);
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    await server.close();
    expect(await readdir(folder)).toEqual([]);
    await expect(connect(url())).rejects.toEqual(noConnection);
    await serve(0o660);
    expect((await stat(path)).mode & 0o777).toBe(0o660);
  });

  test("a file that a process left behind is replaced, one where somebody listens is not", async () => {
    const first = await serve();
    await expect(serve()).rejects.toEqual(noConnection);
    await using client = await connect(url());
    expect([...(await client.readHoldingRegisters(0, 1))]).toEqual([7]);
    await first.close();

    await leaveBehind();
    expect((await stat(path)).isSocket()).toBe(true);
    await serve();
    await using again = await connect(url());
    expect([...(await again.readHoldingRegisters(0, 1))]).toEqual([7]);
  });

  test("what is no socket stays, and what another server has put there too", async () => {
    await writeFile(path, "precious");
    await expect(serve()).rejects.toEqual(noConnection);
    expect((await stat(path)).size).toBe(8);
    await rm(path);
    const server = await serve();
    await rm(path);
    await serve();
    await server.close();
    expect((await stat(path)).isSocket()).toBe(true);
  });

  test("a folder that is missing, and a path that is too long, are no place to listen at", async () => {
    path = join(folder, "missing", "socket");
    await expect(serve()).rejects.toEqual(noConnection);
    path = join(folder, "x".repeat(120));
    await expect(serve()).rejects.toEqual(noConnection);
    await expect(connect(url())).rejects.toEqual(noConnection);
  });
});
