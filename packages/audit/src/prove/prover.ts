import { AuditError, TamperedError } from "../error.ts";
import type { Checkpoint } from "../log/checkpoint.ts";
import { readExisting } from "../log/existing.ts";
import { CHECKPOINTS, KEY_FILE, listSegments, segmentOf } from "../log/names.ts";
import { MAX_KEY_FILE_BYTES, readPublicKeyFile } from "../log/public-key.ts";
import { leafHash } from "../merkle/hash.ts";
import { consistencyPath, inclusionPath, rootByInclusion, rootsByConsistency } from "../merkle/path.ts";
import { CheckpointFile } from "../witness/checkpoint-file.ts";
import { LeafTree } from "./leaf-tree.ts";
import type { ConsistencyProof, InclusionProof } from "./proof.ts";

/**
 * Makes proofs about a log, which may be written meanwhile. What it keeps between proofs makes the next one cheap: one
 * of a record near others takes well under a millisecond. Every proof is held against its checkpoint before it is
 * given out; whether the checkpoints are signed is for whoever verifies it.
 */
export class Prover {
  readonly #dir: string;
  readonly #tree: LeafTree;
  /** By epoch. */
  readonly #handovers: Checkpoint[] = [];

  /** Throws `ERR_AUDIT_NO_LOG` when the folder holds no log. */
  constructor(dir: string) {
    this.#dir = dir;
    this.#tree = new LeafTree(dir);
  }

  /**
   * That record `seq` stands in the log. It leads to the first checkpoint that covers it, or to the one over `to`
   * records, which has to be of the record's own epoch: the key of a later one could sign another past. Throws
   * `ERR_AUDIT_NO_RECORD`, `ERR_AUDIT_NO_CHECKPOINT`, `ERR_AUDIT_LATER_EPOCH`, and `ERR_AUDIT_TAMPERED` where the log
   * is not what its checkpoints say.
   */
  inclusion(seq: number, to?: number): InclusionProof {
    return this.#reading((file) => {
      const own = file.covering(seq + 1);
      if (own === undefined) {
        throw new AuditError("ERR_AUDIT_NO_RECORD", `no checkpoint of ${this.#dir} covers a record ${seq} (yet)`);
      }
      const checkpoint = to === undefined ? own : this.#checkpoint(file, to);
      if (checkpoint.size <= seq) {
        throw new AuditError(
          "ERR_AUDIT_NO_CHECKPOINT",
          `the checkpoint over ${to} records does not cover record ${seq}`,
        );
      }
      if (checkpoint.epoch !== own.epoch) {
        throw new AuditError(
          "ERR_AUDIT_LATER_EPOCH",
          `record ${seq} belongs to epoch ${own.epoch}, the checkpoint over ${to} records to epoch ${checkpoint.epoch}: prove the record without --to, and with --from ${own.size} --to ${to} that the log went on from there`,
        );
      }
      const record = this.#tree.line(seq).toString("utf8");
      const leaf = leafHash(Buffer.from(record));
      const path = this.#path(checkpoint, seq, (tree) => {
        const path = inclusionPath(seq, checkpoint.size, tree.root);
        return rootIs(rootByInclusion(leaf, seq, checkpoint.size, path), checkpoint) ? path : undefined;
      });
      const handovers = this.#handoversTo(file, checkpoint.epoch);
      return { proof: 1, kind: "inclusion", key: this.#key(), seq, record, path, checkpoint, handovers };
    });
  }

  /**
   * That the log over `to` records begins with that over `from` records: two checkpoints of it; without `to` the
   * newest. Throws `ERR_AUDIT_NO_CHECKPOINT`, and `ERR_AUDIT_TAMPERED` where the log is not what they say.
   */
  consistency(from: number, to?: number): ConsistencyProof {
    return this.#reading((file) => {
      const one = this.#checkpoint(file, from);
      const other = to === undefined ? file.last : this.#checkpoint(file, to);
      if (one.size > other.size) {
        throw new AuditError(
          "ERR_AUDIT_NO_CHECKPOINT",
          `the checkpoint over ${to} records comes before that over ${from}`,
        );
      }
      const path = this.#path(other, one.size, (tree) => {
        const path = consistencyPath(one.size, other.size, tree.root);
        const roots = rootsByConsistency(one.size, other.size, Buffer.from(one.root, "base64"), path);
        return rootIs(roots?.[0], one) && rootIs(roots?.[1], other) ? path : undefined;
      });
      const handovers = this.#handoversTo(file, other.epoch);
      return { proof: 1, kind: "consistency", key: this.#key(), from: one, to: other, path, handovers };
    });
  }

  close(): void {
    this.#tree.close();
  }

  /** A path that holds; where the kept peaks do not lead to one, from the leaves alone. */
  #path(
    checkpoint: Checkpoint,
    seq: number,
    find: (tree: LeafTree) => readonly Uint8Array[] | undefined,
  ): readonly string[] {
    this.#tree.refresh();
    const path = find(this.#tree) ?? this.#pathFromLeaves(find);
    if (path !== undefined) return path.map((node) => Buffer.from(node).toString("base64"));
    const reason = `the log does not have the root of its checkpoint over ${checkpoint.size} records`;
    throw new TamperedError(seq, segmentOf(listSegments(this.#dir), seq), reason);
  }

  #pathFromLeaves(find: (tree: LeafTree) => readonly Uint8Array[] | undefined): readonly Uint8Array[] | undefined {
    const tree = new LeafTree(this.#dir, { peaks: false });
    try {
      tree.refresh();
      return find(tree);
    } finally {
      tree.close();
    }
  }

  #checkpoint(file: CheckpointFile, records: number): Checkpoint {
    const [found] = file.ofSize(records);
    if (found !== undefined) return found;
    const next = file.covering(records);
    const hint = next === undefined ? "" : `; the next is over ${next.size}`;
    throw new AuditError("ERR_AUDIT_NO_CHECKPOINT", `the log has no checkpoint over ${records} records${hint}`);
  }

  #handoversTo(file: CheckpointFile, epoch: number): readonly Checkpoint[] {
    for (let number = this.#handovers.length; number < epoch; number++) {
      const found = file.handover(number);
      if (found === undefined) throw new TamperedError(0, CHECKPOINTS, `the end of epoch ${number} is missing`);
      this.#handovers.push(found);
    }
    return this.#handovers.slice(0, epoch);
  }

  #key(): string {
    const file = readExisting(`${this.#dir}/${KEY_FILE}`, MAX_KEY_FILE_BYTES);
    const key = file === undefined ? undefined : readPublicKeyFile(file);
    if (key === undefined) throw new AuditError("ERR_AUDIT_KEY", `${this.#dir}/${KEY_FILE} is missing or damaged`);
    return key;
  }

  #reading<Made>(make: (file: CheckpointFile) => Made): Made {
    const file = CheckpointFile.open(this.#dir);
    if (file === undefined) {
      throw new AuditError("ERR_AUDIT_NO_CHECKPOINT", `${this.#dir}/${CHECKPOINTS} is missing or damaged`);
    }
    try {
      return make(file);
    } finally {
      file.close();
    }
  }
}

function rootIs(root: Uint8Array | undefined, checkpoint: Checkpoint): boolean {
  return root !== undefined && Buffer.from(root).toString("base64") === checkpoint.root;
}
