import type { Request } from "@modwarden/protocol";
import type { CompiledHandler } from "./compile.ts";
import { type HandlerResult, type RequestContext, ServerException } from "./handler.ts";
import { isLater } from "./later.ts";
import { noReads } from "./register-reads.ts";

/**
 * Whether a request may be carried out. `context.role` is the role in the client's certificate, null for the NULL role
 * and wherever there is no certificate: nobody is refused for it before this is asked. MB-TCP-Security v36,
 *
 */
export type Authorize = (request: Request, context: RequestContext) => boolean | PromiseLike<boolean>;

const illegalFunction = 1;

/**
 * The handler behind its authorisation. Who is refused gets exception 01 and nothing else, and learns of no unit or
 * address. MB-TCP-Security v36 R-31. Only `true` permits; what throws refuses, and is reported.
 */
export function authorized(
  compiled: CompiledHandler,
  authorize: Authorize,
  report: (error: unknown, context: RequestContext) => void,
): CompiledHandler {
  const carryOut = (
    verdict: boolean,
    request: Request,
    context: RequestContext,
  ): ReturnType<typeof compiled.handle> => {
    if (verdict !== true) throw new ServerException(illegalFunction);
    return compiled.handle(request, context);
  };
  const failed = (error: unknown, context: RequestContext): ServerException => {
    if (error instanceof ServerException) return error;
    report(error, context);
    return new ServerException(illegalFunction);
  };
  const later = async (
    verdict: PromiseLike<boolean>,
    request: Request,
    context: RequestContext,
  ): Promise<HandlerResult> => {
    let permitted: boolean;
    try {
      permitted = await verdict;
    } catch (error) {
      throw failed(error, context);
    }
    return carryOut(permitted, request, context);
  };
  return {
    ...compiled,
    // Nothing is read without being asked for.
    reads: compiled.reads.map(() => noReads),
    handle(request, context) {
      let verdict: boolean | PromiseLike<boolean>;
      try {
        verdict = authorize(request, context);
      } catch (error) {
        throw failed(error, context);
      }
      return isLater(verdict) ? later(verdict, request, context) : carryOut(verdict, request, context);
    },
  };
}
