import type { Retain } from "./retention.ts";
import type { WriteFs } from "./write-fs.ts";

export interface AuditLogOptions {
  /** Folder of the log; made with mode 0700. */
  readonly dir: string;
  /** Folder of the private keys, which must not lie in `dir`. Default: `<dir>-keys`. */
  readonly keys?: string;
  readonly site: string;
  readonly gateway: string;
  readonly now: () => Date;
  /** Default: `crypto.randomBytes`. */
  readonly random?: (bytes: number) => Uint8Array;
  /** A segment that has reached this size is sealed. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** A segment whose first record is this old is sealed too: only a sealed one can be removed. Default a day. */
  readonly segmentMs?: number;
  /** What is kept; default: everything. */
  readonly retain?: Retain;
  /** File of the legal holds. Default: `<dir>-holds.json`. */
  readonly holds?: string;
  readonly fs?: WriteFs;
}

/**
 * `open` · `full`: the disk took nothing more, what waits is kept and the next commit tries again · `failed`: for good,
 * what was not yet durable is lost, open the log anew · `closed`.
 */
export type AuditLogState = "open" | "full" | "failed" | "closed";
