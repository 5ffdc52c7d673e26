/**
 * Whether a handler's result has to be waited for. By its `then`, because query builders and test runners have promises
 * that are none of this program's.
 */
export function isLater<Result>(result: Result | PromiseLike<Result>): result is PromiseLike<Result> {
  return result instanceof Promise || typeof (result as { then?: unknown } | undefined | null)?.then === "function";
}
