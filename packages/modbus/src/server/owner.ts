import type { CompiledHandler } from "./compile.ts";
import type { ServerConnection } from "./connection.ts";
import type { RequestContext } from "./handler.ts";
import type { LineObserver } from "./line-observer.ts";
import type { DropReason, Limits } from "./options.ts";
import type { Stations } from "./stations.ts";

/** What connections share with their server. */
export interface ConnectionOwner {
  readonly handler: CompiledHandler;
  readonly limits: Limits;
  readonly observer: LineObserver | undefined;
  /** Where functions 8, 11 and 12 are answered: who is in listen-only mode gets nothing handled. */
  readonly stations: Stations | undefined;
  readonly now: () => number;
  reportError(error: unknown, context: RequestContext): void;
  reportDropped(peer: string, reason: DropReason, cause: Error | undefined): void;
  /** The connection has ended. */
  left(connection: ServerConnection): void;
}
