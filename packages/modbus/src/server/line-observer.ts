/**
 * Hears what happens on a line, for the counters of Serial Line V1.02 § 6.1.2 and Application Protocol V1.1b3 § 6.8 to
 * 6.10. Calls come in the order of events and must neither throw nor answer anything.
 * `heard`, `damaged` and `overrun` come from lines only; the others from every connection.
 */
export interface LineObserver {
  /** A whole frame with a right check sum, for whichever unit. Bus message count. */
  heard(unit: number): void;
  /** A wrong check sum, or bytes that are no frame. Bus communication error count. */
  damaged(): void;
  /** Characters came faster than they were read. Bus character overrun count. */
  overrun(): void;
  /** A request for a unit of this server, or for all: `unit` is 0 then on a line. Server message count. */
  request(unit: number, functionCode: number): void;
  /** A response has been written. */
  answered(unit: number, functionCode: number): void;
  /** The request ended as an exception, which is written unless `silent` follows. Exception error count. */
  exception(unit: number, functionCode: number, exception: number): void;
  /** Nothing is written: a broadcast, listen-only mode, a handler that stays silent. No response count. */
  silent(unit: number, functionCode: number): void;
}

/** Both hear everything, `first` first. */
export function observers(first: LineObserver, second: LineObserver | undefined): LineObserver {
  if (second === undefined) return first;
  return {
    heard(unit) {
      first.heard(unit);
      second.heard(unit);
    },
    damaged() {
      first.damaged();
      second.damaged();
    },
    overrun() {
      first.overrun();
      second.overrun();
    },
    request(unit, functionCode) {
      first.request(unit, functionCode);
      second.request(unit, functionCode);
    },
    answered(unit, functionCode) {
      first.answered(unit, functionCode);
      second.answered(unit, functionCode);
    },
    exception(unit, functionCode, exception) {
      first.exception(unit, functionCode, exception);
      second.exception(unit, functionCode, exception);
    },
    silent(unit, functionCode) {
      first.silent(unit, functionCode);
      second.silent(unit, functionCode);
    },
  };
}
