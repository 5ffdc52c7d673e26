/** The line a request walks: listener, session, judges, bus, reply. */
export {
  type AuditConfiguration,
  type DeviceConfiguration,
  defaultLimits,
  type LineConfiguration,
  type LineLimits,
  type LineSnapshot,
  type ListenerConfiguration,
  type SourceMapping,
  type TlsConfiguration,
} from "./configuration.ts";
export type { Counters } from "./counters.ts";
export { type DeviceStatus, Line, type ValueAnswer, type ValueQuery } from "./line.ts";
export { BadNetworkError, createSourceTable } from "./sources.ts";
