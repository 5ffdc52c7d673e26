import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { limitConnections } from "./connection-limit.ts";

/** A server that does not listen: the addresses of its connections are as the test says. */
function limited(perSource: number) {
  const server = createServer();
  const refused = limitConnections(server, 128, perSource);
  const connect = (remoteAddress: string): Socket => {
    const socket = Object.assign(new PassThrough(), { remoteAddress }) as unknown as Socket;
    server.emit("connection", socket);
    return socket;
  };
  return { connect, refused };
}

describe("limitConnections", () => {
  it("counts the addresses of one IPv6 host together", () => {
    const { connect, refused } = limited(2);
    const open = ["2001:db8::1", "2001:db8::ffff:2"].map(connect);
    expect(open.map((socket) => socket.destroyed)).toEqual([false, false]);
    expect(connect("2001:db8::3").destroyed).toBe(true);
    expect(connect("2001:db8:0:1::3").destroyed).toBe(false);
    expect(refused()).toBe(1);
  });

  it("counts a mapped IPv4 address as itself, and gives its place back", async () => {
    const { connect, refused } = limited(1);
    const socket = connect("::ffff:10.0.0.1");
    expect(connect("10.0.0.1").destroyed).toBe(true);
    expect(connect("::ffff:10.0.0.2").destroyed).toBe(false);
    await new Promise((resolve) => socket.once("close", resolve).destroy());
    expect(connect("10.0.0.1").destroyed).toBe(false);
    expect(refused()).toBe(1);
  });
});
