import { type LoadedIdentity, loadIdentity } from "./folder.ts";
import { type RenewalResult, type RenewOptions, renewInto } from "./renew.ts";

export interface KeepRenewedOptions extends Omit<RenewOptions, "when"> {
  /** Another certificate is in force: connections that are made from now on show it. `elsewhere`: another process did it. */
  readonly onRenewed: (identity: LoadedIdentity, how: "renewed" | "recovered" | "elsewhere") => void;
  /** It did not work this time, and is tried again. */
  readonly onProblem: (error: unknown, retry: Date) => void;
  /** A number from 0 to 1, for the spread of retries. */
  readonly random?: () => number;
}

export interface KeptRenewed {
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

const SECOND_MS = 1000;
const MINUTE_MS: number = 60 * SECOND_MS;
const HOUR_MS: number = 60 * MINUTE_MS;

/**
 * Renews the identity in `dir` whenever it is time, recovers it where its certificate has ended, and tells whenever
 * another one is in force. What fails is tried again after a minute, then twice as long each time, up to an hour; a
 * certificate of a few hours is looked after in shorter steps. Throws what `loadIdentity` throws for the folder as it is
 */
export function keepRenewed(dir: string, options: KeepRenewedOptions): KeptRenewed {
  const now = options.now ?? ((): Date => new Date());
  const random = options.random ?? Math.random;
  let known = loadIdentity(dir).fingerprint;
  let failures = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    let identity: LoadedIdentity | undefined;
    try {
      identity = loadIdentity(dir);
      tell(identity, "elsewhere");
      const result = await renewInto(dir, { ...options, when: "due" });
      identity = result.identity;
      tell(identity, howOf(result));
      failures = 0;
      wait(Math.min(HOUR_MS, Math.max(SECOND_MS, Date.parse(identity.renewAfter) - now().getTime())));
    } catch (error) {
      const delay = backOff(failures, lifeLeft(identity), random());
      failures += 1;
      options.onProblem(error, new Date(now().getTime() + delay));
      wait(delay);
    }
  };
  const tell = (identity: LoadedIdentity, how: "renewed" | "recovered" | "elsewhere"): void => {
    if (identity.fingerprint === known) return;
    known = identity.fingerprint;
    options.onRenewed(identity, how);
  };
  const lifeLeft = (identity: LoadedIdentity | undefined): number =>
    identity === undefined ? HOUR_MS : Date.parse(identity.expires) - now().getTime();
  const wait = (ms: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      underWay = look();
    }, ms);
  };
  underWay = look();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underWay;
      clearTimeout(timer);
    },
  };
}

function howOf({ outcome }: RenewalResult): "renewed" | "recovered" | "elsewhere" {
  return outcome === "kept" ? "elsewhere" : outcome;
}

/**
 * Milliseconds to the next try: what is left of the certificate's life holds at least twenty of them, and what failed
 * for many at once, because the server was away, does not come back at once.
 */
export function backOff(failures: number, lifeLeftMs: number, chance: number): number {
  const longest = lifeLeftMs <= 0 ? HOUR_MS : Math.min(HOUR_MS, lifeLeftMs / 20);
  const wanted = Math.min(longest, MINUTE_MS * 2 ** Math.min(failures, 10));
  return Math.max(SECOND_MS, wanted * (0.75 + chance / 2));
}
