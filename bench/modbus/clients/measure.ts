/** The part that all measured clients have in common: reads ten holding registers, so many at a time, and counts. */

/** A client as the bench uses it. */
export interface MeasuredClient {
  /** Reads ten holding registers from address 0 of unit 1. */
  read(): Promise<ArrayLike<number>>;
  close(): void | Promise<void>;
}

/** What the bench asks of a client's process. */
export interface ClientTask {
  readonly port: number;
  readonly depth: number;
  readonly warmMs: number;
  /** Measures for so long, or counts the bytes of so many requests instead. */
  readonly measuredMs: number;
  readonly requests?: number;
}

export interface ClientResult {
  readonly perSecond: number;
  /** Processor time of this process, all of its threads. */
  readonly cpuUs: number;
  /** Bytes of heap and of buffers outside of it, per request; only when requests were counted. */
  readonly allocated?: number;
}

type Open = (port: number, depth: number) => Promise<MeasuredClient>;

/** Serves the tasks of the bench, one at a time. */
export function serveTasks(open: Open): void {
  process.on("message", (task: ClientTask) => {
    run(open, task).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
      },
    );
  });
  process.send?.("ready");
}

async function run(open: Open, task: ClientTask): Promise<ClientResult> {
  const client = await open(task.port, task.depth);
  try {
    await readFor(client, task.depth, (_, ms) => ms >= task.warmMs);
    const before = allocated();
    const cpu = process.cpuUsage();
    const start = performance.now();
    const count = await readFor(client, task.depth, (done, ms) =>
      task.requests === undefined ? ms >= task.measuredMs : done >= task.requests,
    );
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const result = { perSecond: count / seconds, cpuUs: (user + system) / count };
    return task.requests === undefined ? result : { ...result, allocated: (allocated() - before) / count };
  } finally {
    await client.close();
  }
}

/** Meaningful only in a process whose young generation is so large that nothing is collected in between. */
function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function readFor(
  client: MeasuredClient,
  depth: number,
  enough: (done: number, ms: number) => boolean,
): Promise<number> {
  const start = performance.now();
  let done = 0;
  let ended = false;
  const loop = async (): Promise<void> => {
    while (!ended) {
      const registers = await client.read();
      if (registers.length !== 10 || registers[0] !== 1000 || registers[9] !== 1009) throw new Error("a wrong answer");
      done += 1;
      if ((done & 63) === 0) ended = enough(done, performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: depth }, loop));
  return done;
}
