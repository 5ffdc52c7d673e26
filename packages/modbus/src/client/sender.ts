import type { Request, RequestKind, ResponseTo } from "@modwarden/protocol";

/** What one request may say beyond the defaults of its client. */
export interface RequestOptions {
  /** 0-255; over TCP 0 and 255 mean the device itself. */
  readonly unit?: number;
  /** Milliseconds between sending the request and its answer. */
  readonly timeoutMs?: number;
  /** Gives the request up, also while it waits for its turn. A write that was sent may have been carried out. */
  readonly signal?: AbortSignal;
}

/** The same for a view that is bound to a unit. */
export type UnitRequestOptions = Omit<RequestOptions, "unit">;

/**
 * The ways a request goes out; everything else is built on them.
 * `O` is `RequestOptions` for a client and `UnitRequestOptions` for a view of one unit.
 */
export interface Sender<O> {
  /** Resolves to what `take` makes of the response; what it throws rejects. One promise, where a `then` would be two. */
  ask<Kind extends RequestKind, Result>(
    request: Extract<Request, { readonly kind: Kind }>,
    take: (response: ResponseTo<Kind>) => Result,
    options?: O,
  ): Promise<Result>;
  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options?: O,
  ): Promise<ResponseTo<Kind>>;
  raw(pdu: Uint8Array, options?: O): Promise<Uint8Array>;
}
