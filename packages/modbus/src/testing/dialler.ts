import type { Dialler } from "../client/reconnecting.ts";
import { NoConnectionError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import { createMemoryLink } from "../link/memory.ts";
import { Tap } from "./tap.ts";

/** A server in the hands of a test that may be reachable or not, and its end of every link that came about. */
export class MemoryDialler implements Dialler {
  readonly peer = "memory:server";
  readonly devices: Tap[] = [];
  /** What the next dials come to; reachable when there is nothing in it. */
  readonly plans: ("refused" | "never")[] = [];
  dials = 0;

  async dial(signal: AbortSignal): Promise<Link> {
    this.dials += 1;
    const plan = this.plans.shift();
    if (plan === "refused") throw new NoConnectionError("nobody listens");
    if (plan === "never") {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      throw new NoConnectionError("given up");
    }
    const { client, server } = createMemoryLink();
    this.devices.push(new Tap(server));
    return client;
  }

  random(): number {
    return 0;
  }

  now(): number {
    return performance.now();
  }

  /** The server's end of the latest link. */
  get device(): Tap {
    const device = this.devices.at(-1);
    if (device === undefined) throw new Error("nobody has dialled");
    return device;
  }
}
