/** The control plane's HTTP side: the console's read-only API, its event stream, its files, and the probes. */
export { ConsoleError } from "./errors.ts";
export { parseConsoleListen } from "./loopback.ts";
export type { PolicyView } from "./policy-view.ts";
export type { IdentityView, KeyView, RefusalView, RegistryView } from "./registry-view.ts";
export type {
  DeviceState,
  DeviceView,
  IdentityStatus,
  LiveEvent,
  LiveTransaction,
  PointView,
  SiteStatus,
  SiteView,
} from "./site-view.ts";
export { type RunningHttp, startHttp } from "./start-http.ts";
