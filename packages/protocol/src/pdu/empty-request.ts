import { type Codec, freeze } from "../codec.ts";
import { expectLength } from "./refuse.ts";

/** The request of a function that asks without saying more: the function code is the whole PDU. */
export function emptyRequest<K extends string>(kind: K, functionCode: number): Codec<{ readonly kind: K }> {
  const message = Object.freeze({ kind });
  return freeze({
    kind,
    functionCode,
    size: () => 1,
    encode(_, out, at) {
      out[at] = functionCode;
      return at + 1;
    },
    decode(_, at, end) {
      expectLength("request", at, end, 1);
      return message;
    },
    describe: () => kind.replaceAll("-", " "),
  });
}
