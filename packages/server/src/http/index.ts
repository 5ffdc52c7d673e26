/** The control plane's HTTP side: the console's read-only API, its event stream, its files, and the probes. */
export { ConsoleError, type ConsoleErrorCode, type ErrorBody } from "./errors.ts";
export { type ListenAddress, parseConsoleListen } from "./loopback.ts";
export type {
  AuditStatus,
  DeviceState,
  DeviceView,
  ListenerView,
  LiveEvent,
  LiveTransaction,
  PointQuality,
  PointView,
  PolicyStatus,
  SiteStatus,
  SiteView,
} from "./site-view.ts";
export { type HttpLimits, type HttpOptions, type RunningHttp, startHttp } from "./start-http.ts";
export type { RandomBytes } from "./token.ts";
