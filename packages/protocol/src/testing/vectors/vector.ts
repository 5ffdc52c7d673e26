import type { Direction, FrameTransport } from "../../index.ts";

/**
 * A frame that is well-formed, with spaces where the ruler above it has bars. `message` is what `messageToJson` says,
 * without the function's name. For `ascii` the frame is text, without the CR and LF at its end.
 */
export interface Vector {
  readonly transaction?: number;
  readonly unit?: number;
  readonly frame: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** Frames that are refused: as a frame, as a response, or as a request with the exception that a server answers. */
export interface Refused {
  readonly transport: FrameTransport;
  readonly direction: Direction;
  readonly because: "frame" | "response" | 1 | 2 | 3;
  readonly frames: readonly string[];
}
