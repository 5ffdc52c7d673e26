import { isUtf8 } from "node:buffer";
import { AuditError } from "../error.ts";
import { HASH_BYTES, leafHashInto } from "../merkle/hash.ts";

const LF = 0x0a;
const START_BYTES = 256 * 1024;
const START_LEAVES = 1024;
const BODY_START: Buffer = Buffer.from('"t":"');
const BODY_END = 0x7d;
/** `{"seq":`, sixteen digits and a comma, and LF. */
const FRAME_BYTES = 32;

/** A record's body may be this long. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A batch that is this long is committed before it takes more. */
const FULL_BATCH_BYTES = 4 * 1024 * 1024;

/** Lines that wait for the next commit, and their leaf hashes. */
export class Batch {
  #bytes: Buffer = Buffer.alloc(START_BYTES);
  #length = 0;
  #hashes: Buffer = Buffer.alloc(START_LEAVES * HASH_BYTES);
  #count = 0;

  /** Records in it. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#length >= FULL_BATCH_BYTES;
  }

  /** Valid until the batch changes, as `leaves`. */
  get lines(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Leaf hashes one behind the other, as the leaves file has them. */
  get leaves(): Uint8Array {
    return this.#hashes.subarray(0, this.#count * HASH_BYTES);
  }

  /** Adds `{"seq":N,` + body. Throws `ERR_AUDIT_BAD_RECORD` for a body that would not be one line of its own. */
  add(seq: number, body: string | Uint8Array): void {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    if (length > MAX_BODY_BYTES) throw badRecord(`it is longer than ${MAX_BODY_BYTES} bytes`);
    this.#reserve(length + FRAME_BYTES);
    const bytes = this.#bytes;
    const start = this.#length;
    const bodyAt = start + bytes.write(`{"seq":${seq},`, start, "latin1");
    const end = bodyAt + length;
    if (typeof body === "string") bytes.write(body, bodyAt, length, "utf8");
    else bytes.set(body, bodyAt);
    if (!startsAsBody(bytes, bodyAt, end) || bytes[end - 1] !== BODY_END) throw badRecord("it is no body of a record");
    const line = bytes.subarray(start, end);
    if (line.includes(LF)) throw badRecord("it holds a line feed");
    if (!isUtf8(line)) throw badRecord("it is no UTF-8");
    leafHashInto(line, this.#hashes, this.#count * HASH_BYTES);
    this.#count++;
    bytes[end] = LF;
    this.#length = end + 1;
  }

  clear(): void {
    this.#length = 0;
    this.#count = 0;
  }

  #reserve(more: number): void {
    if (this.#length + more > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, this.#length, 2 * (this.#length + more));
    }
    const hashed = this.#count * HASH_BYTES;
    if (hashed === this.#hashes.length) this.#hashes = grown(this.#hashes, hashed, 2 * hashed);
  }
}

function startsAsBody(bytes: Buffer, at: number, end: number): boolean {
  for (let index = 0; index < BODY_START.length; index++) if (bytes[at + index] !== BODY_START[index]) return false;
  return end - at > BODY_START.length;
}

function grown(bytes: Buffer, used: number, length: number): Buffer {
  const larger = Buffer.alloc(length);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

function badRecord(reason: string): AuditError {
  return new AuditError("ERR_AUDIT_BAD_RECORD", `a record was refused: ${reason}`);
}
