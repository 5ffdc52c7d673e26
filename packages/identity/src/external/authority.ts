import { createHash, X509Certificate } from "node:crypto";
import { checkAuthority, verifies } from "../authority/chain.ts";
import { certificatePem, splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { certifyByEst, type EstAuthority } from "../est/client.ts";

/** A company's authority that issues the leaves of a site, over EST. */
export interface CompanyAuthority extends EstAuthority {
  /** How long whoever asks is kept waiting for it. Default 5 s; what comes later is there when they ask again. */
  readonly patienceMs?: number;
}

/**
 * `certified`: what it answered, unchecked (PEM). `failed`: why there is nothing, said once. `waits`: it is being
 * asked.
 */
export type Certified =
  | { readonly kind: "certified"; readonly answer: string }
  | { readonly kind: "failed"; readonly error: IdentityError }
  | { readonly kind: "waits" };

export interface ExternalAuthority {
  readonly url: string;
  /** Roots (PEM) that its certificates lead to. */
  readonly anchors: readonly string[];
  /** Whether this request came to nothing a moment ago: it is not asked with again at once. */
  pauses(csr: string): boolean;
  /** Never rejects. The same request asked again while it is under way, or before `taken`, is one exchange. */
  certify(csr: string): Promise<Certified>;
  /** Its answer is entered, or the request comes to nothing. */
  done(csr: string, outcome: "entered" | "refused"): void;
}

const PATIENCE_MS = 5000;
const MAX_UNDER_WAY = 16;
/** Answers that nobody has come back for yet; each request can be made again. */
const MAX_KEPT = 256;
const PAUSE_MS = 5000;
const MAX_ANCHORS = 4;

interface Flight {
  readonly result: Promise<Certified>;
  settled: boolean;
  /** Whether somebody was told that it is slow. */
  told: boolean;
}

/** Errors: ERR_AUTHORITY_IMPORT for anchors that are no roots */
export function openExternal(options: CompanyAuthority, now: () => Date): ExternalAuthority {
  const anchors = rootsIn(options.anchors);
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const flights = new Map<string, Flight>();
  const pauses = new Map<string, number>();

  const begin = (id: string, csr: string): Flight => {
    const flight: Flight = { result: exchange(options, csr), settled: false, told: false };
    flights.set(id, flight);
    void flight.result.then(() => {
      flight.settled = true;
    });
    return flight;
  };
  const pause = (id: string): void => {
    flights.delete(id);
    pauses.delete(id);
    pauses.set(id, now().getTime() + PAUSE_MS);
    shrink(pauses, () => true);
  };
  return {
    url: options.url,
    anchors,
    pauses(csr) {
      const until = pauses.get(idOf(csr));
      // A clock that was set back is no reason to wait for long.
      return until !== undefined && until > now().getTime() && until - now().getTime() <= PAUSE_MS;
    },
    async certify(csr) {
      const id = idOf(csr);
      let flight = flights.get(id);
      if (flight === undefined) {
        if ([...flights.values()].filter(({ settled }) => !settled).length >= MAX_UNDER_WAY) return { kind: "waits" };
        shrink(flights, ({ settled }) => settled);
        flight = begin(id, csr);
      }
      const result = await inTime(flight.result, patienceMs);
      if (result === undefined) {
        if (flight.told) return { kind: "waits" };
        flight.told = true;
        return { kind: "failed", error: slow(options.url, patienceMs) };
      }
      // Several may have waited for one failure: it is said to the first.
      if (result.kind === "failed") {
        if (flights.get(id) !== flight) return { kind: "waits" };
        pause(id);
      }
      return result;
    },
    done(csr, outcome) {
      const id = idOf(csr);
      if (outcome === "entered") flights.delete(id);
      else pause(id);
    },
  };
}

function idOf(csr: string): string {
  return createHash("sha256").update(csr).digest("hex");
}

async function exchange(authority: EstAuthority, csr: string): Promise<Certified> {
  try {
    return { kind: "certified", answer: await certifyByEst(authority, csr) };
  } catch (cause) {
    if (cause instanceof IdentityError) return { kind: "failed", error: cause };
    const message = `the company's authority could not be asked: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { kind: "failed", error: new IdentityError("ERR_AUTHORITY_AWAY", message, { cause }) };
  }
}

/** Undefined when it is not there yet. */
async function inTime(result: Promise<Certified>, ms: number): Promise<Certified | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The oldest that may go. */
function shrink<Value>(map: Map<string, Value>, mayGo: (value: Value) => boolean): void {
  for (const [key, value] of map) {
    if (map.size < MAX_KEPT) return;
    if (mayGo(value)) map.delete(key);
  }
}

function rootsIn(text: string): readonly string[] {
  const what = "the anchors of the company's authority";
  const pems = splitPem(text);
  if (pems.length === 0 || pems.length > MAX_ANCHORS) {
    throw new IdentityError(
      "ERR_AUTHORITY_IMPORT",
      `${what} are ${pems.length} certificates: 1 to ${MAX_ANCHORS} are wanted`,
    );
  }
  return pems.map((pem) => {
    const root = readCertificate(pem, what);
    if (!root.checkIssued(root) || !verifies(root, root)) {
      throw new IdentityError("ERR_AUTHORITY_IMPORT", `${what}: ${root.subject.replaceAll("\n", ", ")} is no root`);
    }
    checkAuthority(root, 0, what, "ERR_AUTHORITY_IMPORT");
    return certificatePem(root.raw);
  });
}

function readCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new IdentityError("ERR_AUTHORITY_IMPORT", `${what} hold something that is no certificate`, { cause });
  }
}

function slow(url: string, ms: number): IdentityError {
  const message = `the company's authority at ${url} has not answered within ${ms} ms: its answer is taken when the same is asked again`;
  return new IdentityError("ERR_AUTHORITY_AWAY", message);
}
