import { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { createServer } from "../server/server.ts";
import { connectLink } from "./connect.ts";

test.each([
  [undefined, [true, 30_000]],
  [0, [false, 0]],
  [2000, [true, 2000]],
])("keepAliveMs %s is what the system is told", async (keepAliveMs, told) => {
  await using server = createServer({});
  // The server's end of the connection is told its own.
  const url = await server.listen("modbus+tcp://127.0.0.1:0", { keepAliveMs: 7000 });
  const spy = vi.spyOn(Socket.prototype, "setKeepAlive");
  const link = await connectLink(url, keepAliveMs === undefined ? {} : { keepAliveMs });
  expect(spy.mock.calls).toContainEqual(told);
  spy.mockRestore();
  link.open({ received() {}, finished() {}, drained() {}, closed() {} });
  link.destroy();
});

test.each([-1, 500, 40_000_000, Number.NaN])("keepAliveMs %s is refused, at both ends", async (keepAliveMs) => {
  await using server = createServer({});
  const bad = { code: "ERR_MODBUS_BAD_VALUE" };
  await expect(server.listen("modbus+tcp://127.0.0.1:0", { keepAliveMs })).rejects.toMatchObject(bad);
  const url = await server.listen("modbus+tcp://127.0.0.1:0");
  await expect(connectLink(url, { keepAliveMs })).rejects.toMatchObject(bad);
});
