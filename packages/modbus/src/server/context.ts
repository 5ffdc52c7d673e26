import type { Transport } from "../link/link.ts";
import type { RequestContext } from "./handler.ts";

/** What the requests of one connection have in common. */
export interface ConnectionFacts {
  readonly transport: Transport;
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly setDelimiter: (character: number) => void;
  readonly disconnect: () => void;
  /** Made when it is first asked for, because few handlers do. */
  signal(): AbortSignal;
}

/** One per unit that a connection asks, kept until it asks another. */
export class ConnectionContext implements RequestContext {
  readonly unit: number;
  readonly broadcast: boolean;
  readonly transport: Transport;
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly setDelimiter: (character: number) => void;
  readonly disconnect: () => void;
  readonly #facts: ConnectionFacts;

  constructor(facts: ConnectionFacts, unit: number, broadcast: boolean) {
    this.unit = unit;
    this.broadcast = broadcast;
    this.transport = facts.transport;
    this.peer = facts.peer;
    this.certificate = facts.certificate;
    this.setDelimiter = facts.setDelimiter;
    this.disconnect = facts.disconnect;
    this.#facts = facts;
  }

  get signal(): AbortSignal {
    return this.#facts.signal();
  }
}
