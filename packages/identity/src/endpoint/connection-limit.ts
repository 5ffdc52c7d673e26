import type { Server, Socket } from "node:net";
import { hostOf } from "../names.ts";

/**
 * A bound on all connections and one for each source, so that one stranger cannot take every place. Returns how many
 * were refused.
 */
export function limitConnections(server: Server, total: number, perSource: number): () => number {
  const open = new Map<string, number>();
  let refused = 0;
  server.maxConnections = total;
  server.on("drop", () => {
    refused += 1;
  });
  server.on("connection", (socket: Socket) => {
    const source = hostOf(socket.remoteAddress ?? "");
    const count = (open.get(source) ?? 0) + 1;
    if (count > perSource) {
      refused += 1;
      socket.destroy();
      return;
    }
    open.set(source, count);
    socket.once("close", () => {
      const left = (open.get(source) ?? 1) - 1;
      if (left === 0) open.delete(source);
      else open.set(source, left);
    });
  });
  return () => refused;
}
