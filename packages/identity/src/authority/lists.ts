import { X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { der } from "@modwarden/modbus";
import { countEntries, isListed, type RevokedCertificate, writeEntries, writeList } from "../certificate/crl.ts";
import { pemBlocks } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import type { Hierarchy } from "./hierarchy.ts";
import { type KeptList, keepList, keptList, type ListSlot, listFor, slotsOf } from "./list-slot.ts";
import { BACKDATE_MS, ROOT_LIST_MS, wholeSecond } from "./time.ts";

const DAY_MS = 24 * 3_600_000;
/** How long a list holds, and when the next one is signed, by what its authority signs. */
const HOLDS_MS = { issuing: 30 * DAY_MS, root: ROOT_LIST_MS } as const;
const RENEW_MS = { issuing: DAY_MS, root: 365 * DAY_MS } as const;

export interface ListOptions {
  readonly hierarchies: readonly Hierarchy[];
  /** `ca/`; the lists are kept in `ca/crl/`. */
  readonly folder: string;
  readonly now: () => Date;
  /** What was issued by one of these certificates (PEM), revoked since, and has not ended yet. */
  readonly revoked: (issuing: readonly string[]) => Promise<readonly RevokedCertificate[]>;
  /** A list could not be signed; the one before it stays. */
  readonly onError: (error: unknown) => void;
}

/** One authority's list, as `authority show` has it. */
export interface ListStatus {
  /** Subject of the authority's certificate. */
  readonly authority: string;
  readonly role: "issuing" | "between" | "root";
  /** Whether its key is here: if not, somebody else has to sign the next list. */
  readonly own: boolean;
  readonly state: "good" | "missing" | "expired";
  readonly number: string | null;
  readonly nextUpdate: string | null;
  readonly entries: number;
}

/**
 * The revocation lists of every authority in the chains. Those whose keys are here are signed again as they age and
 * when something is revoked; the others are given to us. RFC 5280 § 5
 */
export class RevocationLists {
  readonly #options: ListOptions;
  readonly #slots: readonly ListSlot[];
  readonly #listeners = new Set<() => void>();
  #underWay: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** The lists as they are on disk; nothing is signed. */
  static read(options: Pick<ListOptions, "hierarchies" | "folder" | "now">): RevocationLists {
    return new RevocationLists({ ...options, revoked: () => Promise.resolve([]), onError: () => undefined });
  }

  private constructor(options: ListOptions) {
    this.#options = options;
    this.#slots = slotsOf(options.hierarchies, options.folder);
    mkdirSync(join(options.folder, "crl"), { recursive: true, mode: 0o700 });
    for (const slot of this.#slots) slot.list = keptList(slot);
  }

  static async open(options: ListOptions): Promise<RevocationLists> {
    const lists = new RevocationLists(options);
    await lists.refresh();
    return lists;
  }

  /**
   * One list (PEM) for each authority of every chain that is in use, as TLS wants them; empty when one is missing, for
   * then TLS could let nobody in. One that has ended stays: it is no reason to stop looking.
   */
  all(): readonly string[] {
    const lists = this.#needed().map((slot) => slot.list?.pem);
    return lists.every((list) => list !== undefined) ? lists : [];
  }

  /**
   * What TLS itself has to hold against its peers: nothing, as long as no authority is on the list of the one above it.
   * Whose own certificate was revoked the registry knows at once and by name, at every connection.
   */
  againstAuthorities(): readonly string[] {
    return this.#slots.some((slot) => this.#isRevoked(slot)) ? this.all() : [];
  }

  /** The list of the present root or issuing authority. */
  of(role: "issuing" | "root"): KeptList | undefined {
    return this.#slots.find((slot) => slot.present && slot.role === role)?.list;
  }

  status(): readonly ListStatus[] {
    const now = this.#options.now().getTime();
    return this.#needed().map(({ certificate, role, issuer, list }) => ({
      authority: certificate.subject.replaceAll("\n", ", "),
      role,
      own: issuer !== undefined,
      state: list === undefined ? "missing" : list.nextUpdate.getTime() <= now ? "expired" : "good",
      number: list === undefined ? null : list.number.toString(),
      nextUpdate: list === undefined ? null : list.nextUpdate.toISOString(),
      entries: list === undefined ? 0 : countEntries(list.entries),
    }));
  }

  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Signs what has to be signed now. Calls that come while one is under way share the next. */
  refresh(): Promise<void> {
    this.#next ??= this.#underWay.then(() => {
      this.#next = undefined;
      this.#underWay = this.#run();
      return this.#underWay;
    });
    return this.#next;
  }

  /** Takes lists that another authority, or a root key kept elsewhere, has signed. Error: ERR_AUTHORITY_IMPORT */
  accept(text: string): readonly ListStatus[] {
    const found = pemBlocks("X509 CRL", text);
    if (found.length === 0) throw refused('there is no PEM of a revocation list in it ("X509 CRL")');
    for (const [slot, list] of found.map((bytes) => this.#accepted(bytes))) keepList(slot, list);
    this.#changed();
    return this.status();
  }

  #accepted(bytes: Uint8Array): readonly [ListSlot, KeptList] {
    for (const slot of this.#slots) {
      const list = listFor(slot, bytes);
      if (list === undefined) continue;
      const now = this.#options.now();
      if (list.nextUpdate <= now) throw refused("a list in it has ended already");
      if (list.thisUpdate > now)
        throw refused("a list in it does not hold yet: TLS would let nobody in; look at the clocks");
      const older = slot.list !== undefined && slot.list.thisUpdate > list.thisUpdate;
      if (older || (slot.list?.number ?? -1n) > list.number)
        throw refused("a list in it is older than the one at hand");
      return [slot, list];
    }
    throw refused("a list in it is not of any authority in the chains of this site");
  }

  async #run(): Promise<void> {
    let changed = false;
    for (const slot of this.#slots) {
      try {
        changed = (await this.#sign(slot)) || changed;
      } catch (error) {
        this.#options.onError(error);
      }
    }
    if (changed) this.#changed();
  }

  async #sign(slot: ListSlot): Promise<boolean> {
    const { issuer, role } = slot;
    if (issuer === undefined || role === "between") return false;
    const now = this.#options.now().getTime();
    const issuing = role === "issuing";
    const entries = writeEntries(issuing ? await this.#options.revoked(slot.pems) : []);
    const { list } = slot;
    // A list of the future was signed under a clock that was wrong, and TLS takes none that does not hold yet.
    const ageMs = list === undefined ? Number.POSITIVE_INFINITY : now - list.thisUpdate.getTime();
    const young = list !== undefined && ageMs >= 0 && ageMs < RENEW_MS[role];
    if (young && (!issuing || der.sameBytes(list.entries, entries))) return false;
    const seconds = BigInt(Math.floor(now / 1000));
    const content = {
      thisUpdate: wholeSecond(now - BACKDATE_MS),
      nextUpdate: wholeSecond(now + HOLDS_MS[role]),
      // Rises even where the list before was lost.
      number: list !== undefined && list.number >= seconds ? list.number + 1n : seconds,
      entries,
    };
    const signed = listFor(slot, await writeList(content, issuer));
    if (signed === undefined) throw new IdentityError("ERR_AUTHORITY_KEY", "a revocation list was signed wrongly");
    keepList(slot, signed);
    return true;
  }

  /** Those whose leaves have not all ended. */
  #needed(): readonly ListSlot[] {
    const now = this.#options.now().getTime();
    return this.#slots.filter(({ present, until }) => present || until > now);
  }

  #isRevoked({ pems }: ListSlot): boolean {
    return this.#slots.some(
      ({ certificate: above, list }) =>
        list !== undefined &&
        pems
          .map((pem) => new X509Certificate(pem))
          .some((certificate) => certificate.checkIssued(above) && isListed(list.entries, certificate.serialNumber)),
    );
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function refused(why: string): IdentityError {
  return new IdentityError("ERR_AUTHORITY_IMPORT", `the revocation lists are not taken: ${why}`);
}
