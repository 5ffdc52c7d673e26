import type { DeviceFingerprint } from "@modwarden/identity";
import type { Moment, Policy } from "@modwarden/policy";
import type { Bus } from "./bus.ts";
import type { Clock } from "./clock.ts";
import type { LineConfiguration, LineLimits, TlsConfiguration } from "./configuration.ts";
import type { Counters } from "./counters.ts";
import type { Grants } from "./dispatch/grants.ts";
import type { Movement } from "./dispatch/movement.ts";
import type { Tokens } from "./dispatch/tokens.ts";
import type { Endings } from "./endings.ts";
import type { Journal } from "./journal.ts";
import type { Session } from "./session.ts";
import type { SlotTable } from "./slot.ts";
import type { Subjects } from "./subjects.ts";

/** A certificate that awaits its confirmation was shown at a TLS listener: who did so has its private key. */
export interface Presented {
  readonly fingerprint: string;
  /** Address and port. */
  readonly source: string;
}

/** What every step of the line works with. `epoch`, `policy` and `subjects` are of the current snapshot. */
export interface LineContext {
  readonly configuration: LineConfiguration;
  readonly limits: LineLimits;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly slots: SlotTable;
  readonly journal: Journal;
  readonly endings: Endings;
  readonly epoch: number;
  readonly policy: Policy;
  readonly subjects: Subjects;
  readonly grants: Grants;
  readonly tokens: Tokens;
  readonly movement: Movement;
  /** What is known now, for what is judged just before it leaves. */
  readonly moment: Moment;
  bus(device: string): Bus | undefined;
  /** Requests of this bus that waited can go on: they do when the current step is over. */
  pumpSoon(bus: Bus): void;
  /** What the gateway shows and trusts over TLS, as of now. */
  readonly tls: TlsConfiguration | undefined;
  /** The session has replies that may be ready; they go out together at the end of the current step. */
  touch(session: Session): void;
  /** Sends what touched sessions have ready. */
  flushTouched(): void;
  /** The session holds requests that it has room for: it goes on when others had their turn. */
  defer(session: Session): void;
  /** As `defer`, for a session whose requests are refused a lot: it gives way to all others. */
  crowd(session: Session): void;
  /** A device was read, and this is what it is. */
  read(device: string, seen: DeviceFingerprint): void;
  /** An approval was used up: what it was for is on its way. */
  grantUsed(id: string): void;
  /** The session is closed. */
  forget(session: Session): void;
}
