import { BadPduError, type UserDefined, type UserFunction } from "@modwarden/protocol";
import { type RequestContext, ServerException } from "./handler.ts";
import { isLater } from "./later.ts";

/** A function of one's own that a server answers. */
export interface ServedFunction {
  readonly functionCode: number;
  /** What its requests and responses mean, and how long they are. */
  readonly definition: UserFunction<unknown, unknown>;
  readonly handle: (request: UserDefined, context: RequestContext) => UserDefined | Promise<UserDefined>;
}

/**
 * Answers a function that `defineFunction` has given a meaning; the result goes into `functions` of a server's options.
 * A request that the definition does not understand is answered with 03, or what its `BadPduError` says.
 */
export function serveFunction<Asked, Answered>(
  definition: UserFunction<Asked, Answered>,
  answer: (message: Asked, context: RequestContext) => Answered | Promise<Answered>,
): ServedFunction {
  return {
    functionCode: definition.functionCode,
    // Only `answer` is given what was decoded, and it is of this definition.
    definition: definition as UserFunction<unknown, unknown>,
    handle(request, context) {
      const answered = answer(decoded(definition, request), context);
      if (isLater(answered)) return Promise.resolve(answered).then((value) => definition.response.encode(value));
      return definition.response.encode(answered);
    },
  };
}

function decoded<Asked>(definition: UserFunction<Asked, unknown>, request: UserDefined): Asked {
  try {
    return definition.request.decode(request);
  } catch (error) {
    if (error instanceof BadPduError) throw new ServerException(error.exception);
    throw error;
  }
}
