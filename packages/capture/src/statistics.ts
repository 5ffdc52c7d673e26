/** What was read of a capture, what was not, and why. Counts of packets unless a name says otherwise. */
export interface CaptureStatistics {
  readonly frames: number;
  /** TCP segments from or to a Modbus port, with and without data. */
  readonly segments: number;

  /** Not IP at all: ARP, LLDP, a damaged link header. */
  readonly notIp: number;
  readonly ipv6: number;
  /** Fragments of IP packets. They are not put together again. */
  readonly fragments: number;
  readonly notTcp: number;
  readonly otherPorts: number;
  /** IP or TCP headers that are damaged, or cut off by the snapshot length. */
  readonly badHeaders: number;

  readonly connections: number;
  /** Connections whose beginning was not recorded. */
  readonly beginMissing: number;
  /** Connections forgotten because there were too many at a time. */
  readonly connectionsDropped: number;

  /** Segments that bring nothing new. */
  readonly retransmitted: number;
  readonly keepAlives: number;
  /** Segments that came before one that precedes them. */
  readonly reordered: number;
  /** Second copies of bytes that differ from the first. The first counts. */
  readonly differingCopies: number;
  /** Places where recorded bytes are missing. */
  readonly gaps: number;
  /** Bytes that gaps swallowed, where their number is known. */
  readonly lostBytes: number;
  /** Bytes passed over on the way to where the next ADU may start. */
  readonly skippedBytes: number;

  readonly requests: number;
  readonly responses: number;
  readonly matched: number;
  readonly requestsWithoutResponse: number;
  readonly responsesWithoutRequest: number;
  /** Requests given up before their connection ended: too old, too many outstanding, or their id was used again. */
  readonly givenUp: number;
  /** Items of kind "malformed". */
  readonly malformed: number;
}

/** The statistics while they are being counted. */
export type Counters = { -readonly [Name in keyof CaptureStatistics]: CaptureStatistics[Name] };

export function newCounters(): Counters {
  return {
    frames: 0,
    segments: 0,
    notIp: 0,
    ipv6: 0,
    fragments: 0,
    notTcp: 0,
    otherPorts: 0,
    badHeaders: 0,
    connections: 0,
    beginMissing: 0,
    connectionsDropped: 0,
    retransmitted: 0,
    keepAlives: 0,
    reordered: 0,
    differingCopies: 0,
    gaps: 0,
    lostBytes: 0,
    skippedBytes: 0,
    requests: 0,
    responses: 0,
    matched: 0,
    requestsWithoutResponse: 0,
    responsesWithoutRequest: 0,
    givenUp: 0,
    malformed: 0,
  };
}
