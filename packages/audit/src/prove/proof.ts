import { z } from "zod";
import type { Checkpoint } from "../log/checkpoint.ts";
import { MOST_PATH } from "../merkle/path.ts";

/** An epoch is a day or a start: so many are a hundred years of them, and a few starts a day. */
const MOST_HANDOVERS = 10_000;
/** A record's line is shorter. */
const MOST_RECORD_CHARACTERS = 2 * 1024 * 1024;

const base64 = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9+/]{${Math.ceil((bytes * 4) / 3)}}=*$`), `${bytes} bytes in base64`);
const count = z.int().min(0);
const hashes = z.array(base64(32)).max(MOST_PATH);

const checkpoint = z.strictObject({
  log: z.string().min(1).max(128),
  size: count,
  root: base64(32),
  t: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, "a time in UTC with microseconds"),
  epoch: count,
  next: base64(44).nullable(),
  sig: base64(64),
});

const common = {
  proof: z.literal(1),
  /** The first epoch's public key, as the log's folder has it: believed only by who has no better one. */
  key: base64(44),
  path: hashes,
  /** The last checkpoints of all epochs before, each of which names the key of the next. */
  handovers: z.array(checkpoint).max(MOST_HANDOVERS),
};

export const proofSchema: z.ZodType<Proof> = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("inclusion"),
    seq: count,
    /** Its line as it stands in the log, without LF. */
    record: z.string().max(MOST_RECORD_CHARACTERS),
    checkpoint,
  }),
  z.strictObject({ ...common, kind: z.literal("consistency"), from: checkpoint, to: checkpoint }),
]);

/** That a record stands in the log, at its place, when the checkpoint was made. */
export interface InclusionProof {
  readonly proof: 1;
  readonly kind: "inclusion";
  readonly key: string;
  readonly seq: number;
  readonly record: string;
  readonly path: readonly string[];
  readonly checkpoint: Checkpoint;
  readonly handovers: readonly Checkpoint[];
}

/** That the log of the later checkpoint begins with all the records of the earlier one. */
export interface ConsistencyProof {
  readonly proof: 1;
  readonly kind: "consistency";
  readonly key: string;
  readonly from: Checkpoint;
  readonly to: Checkpoint;
  readonly path: readonly string[];
  readonly handovers: readonly Checkpoint[];
}

export type Proof = InclusionProof | ConsistencyProof;
