import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { AuditError } from "../error.ts";
import { listFolder, sizeOfExisting } from "./existing.ts";
import { syncFolder, type WriteFs, writeAll, writeFileDurably } from "./write-fs.ts";

/** RFC 8410 § 7: an Ed25519 private key in PKCS #8, before its 32 bytes. */
const PKCS8_START: Buffer = Buffer.from("302e020100300506032b657004220420", "hex");

export interface EpochKey {
  readonly epoch: number;
  readonly key: KeyObject;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  /** Public key of the epoch before, whose last checkpoint names this one. Null in epoch 0. */
  readonly previous: string | null;
}

const NAME = /^epoch-(\d+)\.key$/;

/**
 * The private keys of the log: one file per epoch, 0600, in a folder of its own, for what is published must not hold
 * them. Usually there is one; two while an epoch ends. A key whose epoch has ended is overwritten and removed: who
 * breaks in later cannot sign what happened before.
 */
export class EpochKeys {
  readonly #write: WriteFs;
  readonly #folder: string;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(write: WriteFs, folder: string, random: (bytes: number) => Uint8Array) {
    this.#write = write;
    this.#folder = folder;
    this.#random = random;
  }

  /** Epochs whose private keys are here. */
  list(): number[] {
    return listFolder(this.#folder)
      .map((name) => NAME.exec(name)?.[1])
      .filter((epoch) => epoch !== undefined)
      .map(Number)
      .sort((one, other) => one - other);
  }

  /** A new key, durable before it is returned. */
  create(epoch: number, previous: string | null): EpochKey {
    const secret = Buffer.concat([PKCS8_START, this.#random(32)]);
    const text = `${JSON.stringify({ epoch, previous, private: secret.toString("base64") })}\n`;
    this.#write.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileDurably(this.#write, this.#folder, fileName(epoch), Buffer.from(text), 0o600);
    return epochKey(epoch, secret, previous);
  }

  /** The key of `epoch`; `ERR_AUDIT_KEY` when it is not here or cannot be one. */
  load(epoch: number): EpochKey {
    const file = `${this.#folder}/${fileName(epoch)}`;
    try {
      const value: unknown = JSON.parse(readFileSync(file, "utf8"));
      if (typeof value === "object" && value !== null && "private" in value && typeof value.private === "string") {
        const previous = "previous" in value && typeof value.previous === "string" ? value.previous : null;
        return epochKey(epoch, Buffer.from(value.private, "base64"), previous);
      }
      throw new Error("it holds no private key");
    } catch (cause) {
      const message = `the private key of the audit log's epoch ${epoch} cannot be read from ${file}: bring it back, or move the log away and start a new one`;
      throw new AuditError("ERR_AUDIT_KEY", message, { cause });
    }
  }

  /** Overwrites and removes the key of `epoch`. What a disk keeps of overwritten blocks is beyond this. */
  erase(epoch: number): void {
    const file = `${this.#folder}/${fileName(epoch)}`;
    const length = sizeOfExisting(file);
    if (length === undefined) return;
    const fd = this.#write.openSync(file, "r+");
    try {
      writeAll(this.#write, fd, Buffer.alloc(length), 0);
      this.#write.fsyncSync(fd);
    } finally {
      this.#write.closeSync(fd);
    }
    this.#write.unlinkSync(file);
    syncFolder(this.#write, this.#folder);
  }
}

function fileName(epoch: number): string {
  return `epoch-${epoch}.key`;
}

function epochKey(epoch: number, secret: Buffer, previous: string | null): EpochKey {
  const key = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");
  return { epoch, key, publicKey, previous };
}
