/** One device, several threads: they listen at one port and share the registers. Runs until it is stopped. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { createMemoryHandler, createServer } from "@modwarden/modbus";

interface Shared {
  readonly url: string;
  readonly registers: SharedArrayBuffer;
}

const threads = 2;

/** The port is free to choose for the first thread; the others listen where it does. */
async function start({ url, registers }: Shared): Promise<string> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, registers } });
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

if (isMainThread) {
  const registers = new SharedArrayBuffer(2 * 100);
  let url = process.argv[2] ?? "modbus+tcp://127.0.0.1:5022";
  for (let thread = 0; thread < threads; thread += 1) url = await start({ url, registers });
  console.log(`${threads} threads listen at ${url}`);
  process.once("SIGINT", () => process.exit()).once("SIGTERM", () => process.exit());
} else {
  const { url, registers } = workerData as Shared;
  const server = createServer(createMemoryHandler({ holdingRegisters: new Uint16Array(registers) }));
  // The system deals connections out among those that listen so. Linux can do this, and FreeBSD.
  const { host, port } = await server.listen(url, { reusePort: true });
  parentPort?.postMessage(`modbus+tcp://${host}:${port}`);
}
