/** What happened on the line, and what each bound refused. Plain numbers: read by status and metrics. */
export interface Counters {
  connections: number;
  requests: number;
  permitted: number;
  refused: number;
  malformed: number;
  closedFrames: number;
  closedSources: number;
  closedHandshakes: number;
  closedRevoked: number;
  closedSlow: number;
  closedErrors: number;
  refusedConnections: number;
  acceptErrors: number;
  refusedOutstanding: number;
  refusedQueue: number;
  refusedAudit: number;
  refusedGrants: number;
  refusedRate: number;
  refusedBuckets: number;
  refusedReads: number;
  deviceTimeouts: number;
  deviceLies: number;
  deviceLost: number;
  lateAnswers: number;
  unsolicitedAnswers: number;
  unrecorded: number;
  feedDropped: number;
}

export function createCounters(): Counters {
  return {
    connections: 0,
    requests: 0,
    permitted: 0,
    refused: 0,
    malformed: 0,
    closedFrames: 0,
    closedSources: 0,
    closedHandshakes: 0,
    closedRevoked: 0,
    closedSlow: 0,
    closedErrors: 0,
    refusedConnections: 0,
    acceptErrors: 0,
    refusedOutstanding: 0,
    refusedQueue: 0,
    refusedAudit: 0,
    refusedGrants: 0,
    refusedRate: 0,
    refusedBuckets: 0,
    refusedReads: 0,
    deviceTimeouts: 0,
    deviceLies: 0,
    deviceLost: 0,
    lateAnswers: 0,
    unsolicitedAnswers: 0,
    unrecorded: 0,
    feedDropped: 0,
  };
}
