import { EventLog } from "./event-log.ts";

/**
 * What a device on a line has counted since it was switched on, restarted, or its counters were cleared. Sixteen bits
 * each, and they run over. MODBUS Application Protocol V1.1b3 § 6.8.1, MODBUS over Serial Line V1.02 § 6.2.1
 */
export interface StationCounters {
  /** Messages on the line without an error, whoever they were for (8/11). */
  readonly busMessages: number;
  /** Messages with a wrong check sum, or that were none (8/12). */
  readonly busCommunicationErrors: number;
  /** Exceptions, also those to broadcasts, which nobody is told (8/13). */
  readonly busExceptionErrors: number;
  /** Messages to this device, broadcasts included (8/14). */
  readonly serverMessages: number;
  /** Messages to this device that were not answered, broadcasts included (8/15). */
  readonly serverNoResponses: number;
  /** Answered with exception 7, negative acknowledge (8/16). */
  readonly serverNaks: number;
  /** Answered with exception 6, busy (8/17). */
  readonly serverBusy: number;
  /** Messages lost to an overrun of characters (8/18). */
  readonly busCharacterOverruns: number;
}

type Counters = { -readonly [Name in keyof StationCounters]: number };

/** One unit of a server as functions 8, 11 and 12 see it. */
export interface Station {
  readonly unit: number;
  readonly counters: StationCounters;
  /** Commands carried out: no exceptions, and not the fetching of this counter (function 11). */
  readonly eventCount: number;
  /** A copy of the event log, the newest first, at most 64 bytes (function 12). */
  readonly events: Uint8Array;
  /** It neither acts nor answers until it is restarted. */
  readonly listenOnly: boolean;
  /** Sixteen bits of the device's own choice, which 8/2 reads and 8/10 clears. */
  diagnosticRegister: number;
  /** An earlier command is still being worked on, which functions 11 and 12 tell. */
  busy: boolean;
}

/** The bits of the bytes in the event log. MODBUS Application Protocol V1.1b3 § 6.10 */
const RECEIVED = 0x80;
const RECEIVED_BROADCAST = 0x40;
const RECEIVED_ERROR = 0x02;
const RECEIVED_OVERRUN = 0x10;
const SENT = 0x40;
const SENT_READ_EXCEPTION = 0x01;
const SENT_ABORT = 0x02;
const SENT_BUSY = 0x04;
const SENT_NAK = 0x08;
const WHILE_LISTEN_ONLY = 0x20;
const ENTERED_LISTEN_ONLY = 0x04;
const RESTARTED = 0x00;

/** Fetching the event counter is not an event. § 6.9 */
const GET_COMM_EVENT_COUNTER = 11;
const BUSY = 6;
const NEGATIVE_ACKNOWLEDGE = 7;

/** The counters, the event log and the mode of one unit. It hears of events in the order in which they happen. */
export class UnitStation implements Station {
  readonly unit: number;
  busy = false;
  readonly #log: EventLog = new EventLog();
  #counters: Counters = zero();
  #register = 0;
  #eventCount = 0;
  #listenOnly = false;
  #planned: (() => void) | undefined;

  constructor(unit: number) {
    this.unit = unit;
  }

  get counters(): StationCounters {
    return { ...this.#counters };
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  get events(): Uint8Array {
    return this.#log.list();
  }

  get listenOnly(): boolean {
    return this.#listenOnly;
  }

  get diagnosticRegister(): number {
    return this.#register;
  }

  set diagnosticRegister(value: number) {
    this.#register = value & 0xffff;
  }

  count(name: keyof StationCounters): void {
    this.#counters[name] = (this.#counters[name] + 1) & 0xffff;
  }

  damaged(): void {
    this.count("busCommunicationErrors");
    this.#received(RECEIVED_ERROR);
  }

  overrun(): void {
    this.count("busCharacterOverruns");
    this.#received(RECEIVED_OVERRUN);
  }

  request(broadcast: boolean): void {
    this.count("serverMessages");
    this.#received(broadcast ? RECEIVED_BROADCAST : 0);
  }

  /** The request was carried out: it was answered, or it was a broadcast. */
  done(functionCode: number): void {
    if (functionCode !== GET_COMM_EVENT_COUNTER) this.#eventCount = (this.#eventCount + 1) & 0xffff;
    this.#sent(0);
  }

  exception(exception: number): void {
    this.count("busExceptionErrors");
    if (exception === BUSY) this.count("serverBusy");
    if (exception === NEGATIVE_ACKNOWLEDGE) this.count("serverNaks");
    this.#sent(sentBit(exception));
  }

  /** Nothing was carried out and nothing is said. */
  ignored(): void {
    this.#sent(0);
  }

  /** What a command changes, it changes when its answer is out: a restart is answered before it happens. § 6.8.1 */
  plan(change: () => void): void {
    this.#planned = change;
  }

  /** The request is over. */
  settle(): void {
    const change = this.#planned;
    this.#planned = undefined;
    change?.();
  }

  restart(clearLog: boolean): void {
    this.#counters = zero();
    this.#eventCount = 0;
    this.#listenOnly = false;
    if (clearLog) this.#log.clear();
    this.#log.add(RESTARTED);
  }

  listenOnlyFromNowOn(): void {
    this.#listenOnly = true;
    this.#log.add(ENTERED_LISTEN_ONLY);
  }

  clear(): void {
    this.#counters = zero();
    this.#eventCount = 0;
    this.#register = 0;
  }

  clearOverrun(): void {
    this.#counters.busCharacterOverruns = 0;
  }

  #received(bits: number): void {
    this.#log.add(RECEIVED | bits | this.#mode());
  }

  #sent(bits: number): void {
    this.#log.add(SENT | bits | this.#mode());
  }

  #mode(): number {
    return this.#listenOnly ? WHILE_LISTEN_ONLY : 0;
  }
}

/** Codes beyond 7 were added later and have no bit. § 6.10 */
function sentBit(exception: number): number {
  if (exception <= 3) return SENT_READ_EXCEPTION;
  if (exception === 4) return SENT_ABORT;
  if (exception <= BUSY) return SENT_BUSY;
  return exception === NEGATIVE_ACKNOWLEDGE ? SENT_NAK : 0;
}

function zero(): Counters {
  return {
    busMessages: 0,
    busCommunicationErrors: 0,
    busExceptionErrors: 0,
    serverMessages: 0,
    serverNoResponses: 0,
    serverNaks: 0,
    serverBusy: 0,
    busCharacterOverruns: 0,
  };
}
