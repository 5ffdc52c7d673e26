import type {
  Diagnostics,
  GetCommEventCounterRequest,
  GetCommEventLogRequest,
  Request,
  RequestKind,
  Response,
} from "@modwarden/protocol";
import { noReply, type RequestContext, ServerException } from "./handler.ts";
import type { LineObserver } from "./line-observer.ts";
import { UnitStation } from "./station.ts";

/** The requests that a station answers from what it has counted. */
export type StationRequest = Diagnostics | GetCommEventCounterRequest | GetCommEventLogRequest;

export const stationKinds: readonly StationRequest["kind"][] = [
  "diagnostics",
  "get-comm-event-counter",
  "get-comm-event-log",
];

/** Functions 8, 11 and 12. */
export function isStationCode(functionCode: number): boolean {
  return functionCode === 8 || functionCode === 11 || functionCode === 12;
}

export function isStationKind(kind: RequestKind): boolean {
  return kind === "diagnostics" || kind === "get-comm-event-counter" || kind === "get-comm-event-log";
}

export function isStationRequest(request: Request): request is StationRequest {
  return isStationKind(request.kind);
}

/** The status word is all ones while an earlier command is being worked on. § 6.9 */
const BUSY = 0xffff;
const DIAGNOSTICS = 8;
const RESTART = 1;

/**
 * The units of a server as functions 8, 11 and 12 see them. A unit that nobody has named begins to count with its
 * first request. MODBUS Application Protocol V1.1b3 § 6.8 to § 6.10
 */
export class Stations {
  readonly #byUnit: (UnitStation | undefined)[] = Array.from({ length: 256 });
  #known: UnitStation[] = [];

  at(unit: number): UnitStation {
    const known = this.#byUnit[unit];
    if (known !== undefined) return known;
    const station = new UnitStation(unit);
    this.#byUnit[unit] = station;
    this.#known.push(station);
    return station;
  }

  /** Whether nothing of the request is to be done or answered, but for the restart that ends this. § 6.8.1 */
  mutes(unit: number, broadcast: boolean, bytes: Uint8Array, at: number, end: number): boolean {
    const asked = broadcast ? this.#known : [this.at(unit)];
    if (asked.length === 0 || !asked.every(({ listenOnly }) => listenOnly)) return false;
    const word = restartWord(bytes, at, end);
    if (word !== undefined) for (const station of asked) station.plan(() => station.restart(word !== 0));
    return true;
  }

  answer(request: StationRequest, context: RequestContext): Response | typeof noReply {
    const { unit, broadcast } = context;
    if (broadcast) {
      const restart = request.kind === "diagnostics" && request.subFunction === RESTART;
      for (const station of this.#known) if (restart || !station.listenOnly) command(station, request, context);
      return noReply;
    }
    const station = this.at(unit);
    const { eventCount } = station;
    const status = station.busy ? BUSY : 0;
    if (request.kind === "get-comm-event-counter") return { kind: request.kind, status, eventCount };
    if (request.kind === "get-comm-event-log") {
      const messageCount = station.counters.busMessages;
      return { kind: request.kind, status, eventCount, messageCount, events: station.events };
    }
    return command(station, request, context) ?? noReply;
  }

  /**
   * What counts for these stations. On a line unit 0 is all of them, and messages for others are heard; elsewhere
   * every message is a request to the unit that it names.
   */
  observer(line: boolean): LineObserver {
    const each = (unit: number, tell: (station: UnitStation) => void): void => {
      if (line && unit === 0) for (const station of this.#known) tell(station);
      else tell(this.at(unit));
    };
    const all = (tell: (station: UnitStation) => void): void => {
      for (const station of this.#known) tell(station);
    };
    let excepted = false;
    return {
      heard: () => all((station) => station.count("busMessages")),
      damaged: () => all((station) => station.damaged()),
      overrun: () => all((station) => station.overrun()),
      request: (unit) => {
        const toAll = line && unit === 0;
        // A station that begins with this message was not there when the line heard it.
        const unheard = !line || (!toAll && this.#byUnit[unit] === undefined);
        each(unit, (station) => {
          if (unheard) station.count("busMessages");
          station.request(toAll);
        });
      },
      answered: (unit, functionCode) =>
        each(unit, (station) => {
          station.done(functionCode);
          station.settle();
        }),
      exception(unit, _functionCode, exception) {
        excepted = line && unit === 0;
        each(unit, (station) => station.exception(exception));
      },
      silent(unit, functionCode) {
        each(unit, (station) => {
          station.count("serverNoResponses");
          if (excepted) return;
          if (line && unit === 0 && !station.listenOnly) station.done(functionCode);
          else station.ignored();
          station.settle();
        });
        excepted = false;
      },
    };
  }
}

/** Answers a sub-function of 8. Undefined: this one is not answered. */
function command(station: UnitStation, request: StationRequest, context: RequestContext): Diagnostics | undefined {
  if (request.kind !== "diagnostics") return undefined;
  const { data, subFunction } = request;
  const { counters } = station;
  const word = (data[0]! << 8) | data[1]!;
  const value = (count: number): Diagnostics => ({ ...request, data: Uint8Array.of(count >>> 8, count & 0xff) });
  switch (subFunction) {
    case 0:
      return request;
    case RESTART:
      station.plan(() => station.restart(word !== 0));
      return request;
    case 2:
      return value(station.diagnosticRegister);
    case 3:
      station.plan(() => context.setDelimiter(word >>> 8));
      return request;
    case 4:
      station.plan(() => station.listenOnlyFromNowOn());
      return undefined;
    case 10:
      station.plan(() => station.clear());
      return request;
    case 11:
      return value(counters.busMessages);
    case 12:
      return value(counters.busCommunicationErrors);
    case 13:
      return value(counters.busExceptionErrors);
    case 14:
      return value(counters.serverMessages);
    case 15:
      return value(counters.serverNoResponses);
    case 16:
      return value(counters.serverNaks);
    case 17:
      return value(counters.serverBusy);
    case 18:
      return value(counters.busCharacterOverruns);
    case 20:
      station.plan(() => station.clearOverrun());
      return request;
    default:
      throw new ServerException(1);
  }
}

/** The data of a restart, or undefined when the PDU is no well-formed one. */
function restartWord(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (end - at !== 5 || bytes[at] !== DIAGNOSTICS || bytes[at + 1] !== 0 || bytes[at + 2] !== RESTART) return undefined;
  const word = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  return word === 0 || word === 0xff00 ? word : undefined;
}
