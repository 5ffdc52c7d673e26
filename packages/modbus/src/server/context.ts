import type { Transport } from "../link/link.ts";
import { type RoleProblem, roleOf } from "../security/role.ts";
import type { RequestContext } from "./handler.ts";

/** What the requests of one connection have in common. */
export interface ConnectionFacts {
  readonly transport: Transport;
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly role: string | null;
  readonly roleProblem: RoleProblem | undefined;
  readonly setDelimiter: (character: number) => void;
  readonly disconnect: () => void;
  /** Made when it is first asked for, because few handlers do. */
  signal(): AbortSignal;
}

/** What a certificate says of its holder, read once for a connection. */
export function roleFacts(certificate: Uint8Array | undefined): Pick<ConnectionFacts, "role" | "roleProblem"> {
  if (certificate === undefined) return { role: null, roleProblem: undefined };
  const read = roleOf(certificate);
  return { role: read.role, roleProblem: read.role === null ? read.reason : undefined };
}

/** One per unit that a connection asks, kept until it asks another. */
export class ConnectionContext implements RequestContext {
  readonly unit: number;
  readonly broadcast: boolean;
  readonly transport: Transport;
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly role: string | null;
  readonly roleProblem: RoleProblem | undefined;
  readonly setDelimiter: (character: number) => void;
  readonly disconnect: () => void;
  readonly #facts: ConnectionFacts;

  constructor(facts: ConnectionFacts, unit: number, broadcast: boolean) {
    this.unit = unit;
    this.broadcast = broadcast;
    this.transport = facts.transport;
    this.peer = facts.peer;
    this.certificate = facts.certificate;
    this.role = facts.role;
    this.roleProblem = facts.roleProblem;
    this.setDelimiter = facts.setDelimiter;
    this.disconnect = facts.disconnect;
    this.#facts = facts;
  }

  get signal(): AbortSignal {
    return this.#facts.signal();
  }
}
