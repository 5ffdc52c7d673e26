/**
 * Tells the bench, which started this process, where the server listens, and how much memory it has whenever it is
 * asked. Without --expose-gc the memory includes what nobody uses any more.
 */
export function announce(port: number): void {
  process.stdout.write(`${port}\n`);
  process.on("message", () => {
    for (let round = 0; round < 3; round += 1) globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ rss, heapUsed, external });
  });
}

/** Register n of every server holds 1000 + n. */
export function fillRegisters(registers: Uint16Array | number[]): void {
  for (let index = 0; index < 125; index += 1) registers[index] = 1000 + index;
}
