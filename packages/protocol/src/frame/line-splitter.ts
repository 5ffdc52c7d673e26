import type { Direction } from "../pdu/refuse.ts";
import type { LineCounts } from "./line-counters.ts";

/**
 * Called for each frame: the PDU stands from `start` to before `end`, without unit and check sum. The bytes are valid
 * during the call only. Returning false stops the stream.
 */
export type EachFrame = (bytes: Uint8Array, start: number, end: number, unit: number, direction: Direction) => boolean;

/** Splits what is heard on a serial line, or on a stream that carries one, into frames. */
export interface LineSplitter {
  /** Bytes, or characters, held that are not a frame yet. */
  readonly pending: number;
  readonly counters: LineCounts;
  /** Calls `each` for every frame that `chunk` completes. After `each` has returned false, or thrown, all is dropped. */
  push(chunk: Uint8Array, each: EachFrame): void;
  /** The line was quiet for longer than it may be within a frame: what is held ends here. */
  silence(each: EachFrame): void;
  /** Forgets what is held, what is expected, and a stop. From inside `each` it drops the rest of the chunk as well. */
  reset(): void;
}
