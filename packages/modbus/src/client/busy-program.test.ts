import { expect, test } from "vitest";
import { createMemoryHandler } from "../server/memory-handler.ts";
import { createServer } from "../server/server.ts";
import { connect } from "./connect.ts";

test("a program that was busy for longer than the time-out still takes the answer that came meanwhile", async () => {
  const memory = createMemoryHandler();
  await using server = createServer((request, context) => {
    // The answer leaves in this turn of the event loop, and nobody can read it for the next 120 ms.
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120));
    return memory["read-coils"]!(request as never, context);
  });
  await using client = await connect(await server.listen("modbus+tcp://127.0.0.1:0"), { timeoutMs: 60 });
  await expect(client.readCoils(0, 1)).resolves.toEqual([false]);
});
