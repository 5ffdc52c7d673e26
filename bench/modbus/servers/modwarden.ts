/** The library as users get it: built, with the memory handler, every check on. `--workers N`: so many threads on one port. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createMemoryHandler, createServer } from "@modwarden/modbus";
import { announce, fillRegisters } from "./announce.ts";

const workers = Number(process.argv[2] ?? 0);

async function listen(port: number, reusePort: boolean): Promise<number> {
  const memory = createMemoryHandler();
  fillRegisters(memory.tables.holdingRegisters);
  const server = createServer(memory, { connections: 4096 });
  const url = await server.listen(`modbus+tcp://127.0.0.1:${port}`, { reusePort });
  return url.port;
}

if (!isMainThread) {
  parentPort?.postMessage(await listen(workerData as number, true));
} else if (workers === 0) {
  announce(await listen(0, false));
} else {
  let port = 0;
  for (let index = 0; index < workers; index += 1) {
    const worker = new Worker(new URL(import.meta.url), { workerData: port });
    port = await new Promise<number>((resolve) => worker.once("message", resolve));
  }
  announce(port);
}
