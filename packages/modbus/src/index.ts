/** Speaks Modbus: client, server and poller over every link, and the transaction engine below the client. */
export {
  BadFrameError,
  BadPduError,
  BadResponseError,
  decodeValue,
  defineFunction,
  ExceptionResponseError,
  encodeValue,
  ModbusError,
  type ModbusErrorCode,
  type Request,
  type RequestKind,
  type Response,
  type ResponseTo,
  type UserFunction,
  type UserFunctionDefinition,
  type ValueType,
  type WordOrder,
} from "@modwarden/protocol";
export type { ReconnectOptions } from "./client/backoff.ts";
export { type Client, type ClientOptions, createClient, type UnitView } from "./client/client.ts";
export { type ConnectOptions, connect } from "./client/connect.ts";
export type { DiagnosticRequests } from "./client/diagnostics.ts";
export type { IdentificationCategory } from "./client/identification.ts";
export type { RequestOptions, UnitRequestOptions } from "./client/sender.ts";
export type { ServerId } from "./client/server-id.ts";
export type { ClientState, StateChange, StateListener } from "./client/state.ts";
export type { ReadForm, ValueForm, ValueOf, WriteForm } from "./client/typed-requests.ts";
export { type EventCounter, type EventLog, UnitRequests } from "./client/unit-requests.ts";
export type { ClientEngine, TransactionListener } from "./engine/client-engine.ts";
export { TransactionEngine, type TransactionEngineOptions } from "./engine/engine.ts";
export {
  AbortedError,
  BadUrlError,
  ClosedError,
  NoConnectionError,
  NoSerialPortError,
  QueueFullError,
  RefusedError,
  TimeoutError,
} from "./errors.ts";
export type { Framing } from "./framing/framing.ts";
export { certificateProblemOf } from "./link/certificate-problem.ts";
export { type ConnectLinkOptions, connectLink } from "./link/connect.ts";
export type { SocketWay } from "./link/direct.ts";
export type { LineOptions, LineTiming } from "./link/line-timing.ts";
export type { Link, LinkListener, Transport } from "./link/link.ts";
export { type Listening, type ListenLinkOptions, listenLink } from "./link/listen.ts";
export { createMemoryLink, type MemoryLink } from "./link/memory.ts";
export {
  type Pem,
  secureContextOptions,
  type TlsClientOptions,
  type TlsOptions,
  type TlsServerOptions,
} from "./link/tls.ts";
export type { PollClient } from "./poller/ask.ts";
export type { BackOff } from "./poller/back-off.ts";
export type { PollCounters } from "./poller/bus.ts";
export type { PollClock } from "./poller/clock.ts";
export type { Quality, Reading } from "./poller/item.ts";
export type { PollerOptions } from "./poller/options.ts";
export { type Block, type PlanRules, planBlocks, type Stretch } from "./poller/plan.ts";
export type {
  PollDevice,
  PollForbidden,
  PollLimits,
  PollPoint,
  PollRange,
  PollTable,
  PollValue,
} from "./poller/point.ts";
export { createPoller, type PollBlock, type Poller } from "./poller/poller.ts";
export * as der from "./security/der.ts";
export {
  ROLE_OID,
  type RoleOf,
  type RoleProblem,
  type RoleTextProblem,
  roleOf,
  roleTextProblem,
} from "./security/role.ts";
export { defaultSuites, sunSpecSuites, type TlsSuite, tlsSuites } from "./security/suites.ts";
export type { SerialSettings } from "./serial-settings.ts";
export type { Authorize } from "./server/authorize.ts";
export {
  type Handler,
  type HandlerFunction,
  type HandlerMethods,
  type HandlerResult,
  noReply,
  type RawReply,
  type RequestContext,
  ServerException,
} from "./server/handler.ts";
export { answerIdentification } from "./server/identification.ts";
export type { LineObserver } from "./server/line-observer.ts";
export { createMemoryHandler, type MemoryHandler, type MemoryTables } from "./server/memory-handler.ts";
export type { DropReason, ServerOptions } from "./server/options.ts";
export { routeUnits, type UnitRoutes } from "./server/routes.ts";
export { type ServedFunction, serveFunction } from "./server/serve-function.ts";
export { type AcceptOptions, createServer, type ListenOptions, type ModbusServer } from "./server/server.ts";
export type { Station, StationCounters } from "./server/station.ts";
export type {
  TraceClosed,
  TraceEvent,
  TraceListener,
  TraceNoise,
  TraceRequest,
  TraceResponse,
} from "./trace/event.ts";
export { formatTrace } from "./trace/format.ts";
export type { TraceOptions } from "./trace/hub.ts";
export { formatModbusUrl, type ModbusUrl, parseModbusUrl, type Scheme } from "./url.ts";
