import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { syncFolder, writeNewFile } from "../authority/files.ts";
import { parseList } from "../registry/columns.ts";
import type { IssuerRow, Registry } from "../registry/schema.ts";
import { type Batch, formatBatch, parseBatch } from "./derive.ts";

/** An issuer and what its keys may give at most. */
export interface TrustedIssuer {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly kinds: readonly string[];
  readonly roles: readonly string[];
  readonly revoked: boolean;
}

const SUFFIX = ".batch";
/** Nobody keeps more. */
const MAX_BATCHES = 1000;

/**
 * What proves keys that the registry has no secret of: public keys of issuers, and the keys of batches, which stand in
 * files of their own (0600). In memory, so that proving takes the same time whether one is there or not.
 */
export class Keyring {
  readonly #dir: string;
  readonly #batches = new Map<string, Batch>();
  #issuers: ReadonlyMap<string, TrustedIssuer> = new Map();
  /** Used in place of what is not there; nothing was ever signed or derived with them. */
  readonly decoyIssuer: KeyObject = generateKeyPairSync("ed25519").publicKey;
  readonly decoyBatchKey: Uint8Array = randomBytes(32);

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Reads `dir`/*.batch and the issuers of the registry. Error: ERR_KEY_FILE */
  static async open(dir: string, database: Kysely<Registry>): Promise<Keyring> {
    const ring = new Keyring(dir);
    const names = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith(SUFFIX)) : [];
    for (const name of names.slice(0, MAX_BATCHES)) {
      const batch = parseBatch(readFileSync(join(dir, name), "utf8"));
      ring.#batches.set(batch.id, batch);
    }
    await ring.readIssuers(database);
    return ring;
  }

  async readIssuers(database: Kysely<Registry>): Promise<void> {
    const rows = await database.selectFrom("key_issuer").selectAll().execute();
    this.#issuers = new Map(rows.map((row) => [row.id, trusted(row)]));
  }

  issuer(id: string): TrustedIssuer | undefined {
    return this.#issuers.get(id);
  }

  batch(id: string): Batch | undefined {
    return this.#batches.get(id);
  }

  get isFull(): boolean {
    return this.#batches.size >= MAX_BATCHES;
  }

  /** On disk before it is used: a key that was printed can be proven after any crash. */
  addBatch(batch: Batch): void {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    writeNewFile(join(this.#dir, `${batch.id}${SUFFIX}`), formatBatch(batch), 0o600);
    syncFolder(this.#dir);
    this.#batches.set(batch.id, batch);
  }
}

function trusted(row: IssuerRow): TrustedIssuer {
  return {
    id: row.id,
    publicKey: createPublicKey({ key: Buffer.from(row.public_key, "base64"), format: "der", type: "spki" }),
    kinds: parseList(row.kinds),
    roles: parseList(row.roles),
    revoked: row.revoked !== null,
  };
}
