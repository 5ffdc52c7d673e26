/** The line a request walks: listener, session, judges, bus, reply. */
export {
  type AuditConfiguration,
  type DeviceConfiguration,
  defaultLimits,
  type FingerprintPlan,
  type LineConfiguration,
  type LineLimits,
  type LineSnapshot,
  type ListenerConfiguration,
  type SourceMapping,
  type TlsConfiguration,
} from "./configuration.ts";
export type { Counters } from "./counters.ts";
export { type BoundObject, boundObjects, type Grant } from "./dispatch/grants.ts";
export { ListenError } from "./error.ts";
export { Line } from "./line.ts";
export type { Presented } from "./line-context.ts";
export type { DeviceStatus, ValueAnswer, ValueQuery } from "./line-status.ts";
export { BadNetworkError, checkNetwork, createSourceTable } from "./sources.ts";
