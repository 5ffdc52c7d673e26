/**
 * The library as users get it: built, every check on. `memory` (default): the memory handler. `handler`: a function that
 * answers each request. `workers`: two threads with the memory handler that listen at one port.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createMemoryHandler, createServer, type Handler, ServerException } from "@modwarden/modbus";
import { announce, fillRegisters } from "./announce.ts";

const how = process.argv[2] ?? "memory";
const registers = new Uint16Array(65_536);
fillRegisters(registers);

const memory: Handler = createMemoryHandler({ holdingRegisters: registers });

const handler: Handler = (request) => {
  if (request.kind !== "read-holding-registers") throw new ServerException(1);
  const { kind, address, quantity } = request;
  return { kind, registers: registers.slice(address, address + quantity) };
};

async function listen(port: number, reusePort: boolean): Promise<number> {
  const server = createServer(how === "handler" ? handler : memory, { connections: 4096 });
  const url = await server.listen(`modbus+tcp://127.0.0.1:${port}`, { reusePort });
  return url.port;
}

if (!isMainThread) {
  parentPort?.postMessage(await listen(workerData as number, true));
} else if (how === "workers") {
  let port = 0;
  for (let index = 0; index < 2; index += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: port });
    port = await new Promise<number>((resolve) => worker.once("message", resolve));
  }
  announce(port);
} else {
  announce(await listen(0, false));
}
