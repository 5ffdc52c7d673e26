import {
  type BadFrameError,
  MAX_TCP_ADU,
  MBAP_HEADER,
  MbapSplitter,
  mbapTransaction,
  mbapUnit,
  writeMbap,
} from "@modwarden/protocol";
import type { FramingListener, ServerFraming } from "./server-framing.ts";

/** Every request is for this server and is answered: the connection is its line. */
export class MbapServerFraming implements ServerFraming {
  readonly maxAdu: number = MAX_TCP_ADU;
  readonly #splitter: MbapSplitter = new MbapSplitter();
  readonly #listener: FramingListener;

  constructor(listener: FramingListener) {
    this.#listener = listener;
  }

  get pending(): number {
    return this.#splitter.pending;
  }

  push(chunk: Uint8Array): BadFrameError | undefined {
    return this.#splitter.push(chunk, this.#frame);
  }

  answers(): boolean {
    return true;
  }

  begin(start: number): number {
    return start + MBAP_HEADER;
  }

  finish(out: Uint8Array, start: number, end: number, unit: number, transaction: number): number {
    writeMbap(out, start, transaction, unit, end - start - MBAP_HEADER);
    return end;
  }

  setDelimiter(): void {}

  close(): void {}

  readonly #frame = (bytes: Uint8Array, start: number, end: number): boolean =>
    this.#listener.request(bytes, start + MBAP_HEADER, end, mbapUnit(bytes, start), mbapTransaction(bytes, start));
}
