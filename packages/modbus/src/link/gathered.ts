import type { Link } from "./link.ts";
import { Slab } from "./slab.ts";

/** Writes what was handed over in one turn of the event loop as one piece, promise callbacks of that turn included. */
export function gathered(link: Link): (bytes: Uint8Array) => void {
  const slab = new Slab();
  const flush = (): void => {
    link.write(slab.take());
  };
  return (bytes) => {
    if (slab.pending === 0) process.nextTick(flush);
    slab.reserve(bytes.length);
    slab.bytes.set(bytes, slab.at);
    slab.commit(slab.at + bytes.length);
  };
}
