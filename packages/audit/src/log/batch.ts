import { isUtf8 } from "node:buffer";
import { AuditError } from "../error.ts";
import { HASH_BYTES, leafHash } from "../merkle/hash.ts";

const LF = 0x0a;
const START_BYTES = 256 * 1024;
const BODY_START: Buffer = Buffer.from('"t":"');
const BODY_END = 0x7d;

/** A record's body may be this long. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A batch that is this long is committed before it takes more. */
const FULL_BATCH_BYTES = 4 * 1024 * 1024;

/** Lines that wait for the next commit, and their leaf hashes. */
export class Batch {
  #bytes: Buffer = Buffer.alloc(START_BYTES);
  #length = 0;
  #leaves: Uint8Array[] = [];

  /** Records in it. */
  get count(): number {
    return this.#leaves.length;
  }

  get isFull(): boolean {
    return this.#length >= FULL_BATCH_BYTES;
  }

  get lines(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get leaves(): readonly Uint8Array[] {
    return this.#leaves;
  }

  /** Adds `{"seq":N,` + body. Throws `ERR_AUDIT_BAD_RECORD` for a body that would not be one line of its own. */
  add(seq: number, body: string | Uint8Array): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    if (length > MAX_BODY_BYTES) throw badRecord(`it is longer than ${MAX_BODY_BYTES} bytes`);
    this.#reserve(length + 32);
    const bytes = this.#bytes;
    const start = this.#length;
    const bodyAt = start + bytes.write(`{"seq":${seq},`, start, "latin1");
    const end = bodyAt + length;
    if (typeof body === "string") bytes.write(body, bodyAt, length, "utf8");
    else bytes.set(body, bodyAt);
    const begins = bytes.compare(BODY_START, 0, BODY_START.length, bodyAt, Math.min(bodyAt + BODY_START.length, end));
    if (begins !== 0 || bytes[end - 1] !== BODY_END) throw badRecord("it is no body of a record");
    const line = bytes.subarray(start, end);
    if (line.includes(LF)) throw badRecord("it holds a line feed");
    if (!isUtf8(line)) throw badRecord("it is no UTF-8");
    this.#leaves.push(leafHash(line));
    bytes[end] = LF;
    this.#length = end + 1;
  }

  clear(): void {
    this.#length = 0;
    this.#leaves = [];
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * (this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function badRecord(reason: string): AuditError {
  return new AuditError("ERR_AUDIT_BAD_RECORD", `a record was refused: ${reason}`);
}

/** Leaf hashes one behind the other, as the leaves file has them. */
export function joinLeaves(leaves: readonly Uint8Array[]): Buffer {
  const joined = Buffer.alloc(leaves.length * HASH_BYTES);
  leaves.forEach((leaf, index) => {
    joined.set(leaf, index * HASH_BYTES);
  });
  return joined;
}
