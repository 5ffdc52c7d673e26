import { describe, test } from "vitest";
import { anyRequest } from "../testing/any-request.ts";
import { expectCodec, type Side } from "../testing/codec-property.ts";
import type { Request } from "./messages.ts";
import { decodeRequest, describeRequest, encodeRequest, requestSize } from "./pdu.ts";

const side: Side<Request> = {
  encode: encodeRequest,
  decode: decodeRequest,
  size: requestSize,
  describe: describeRequest,
};

describe("requests come back from their bytes, and no bytes do harm", () => {
  // A second or two each; many times that while coverage is measured on a busy machine.
  test.each(Object.entries(anyRequest))("%s", { timeout: 120_000 }, (_, any) => {
    expectCodec(side, any);
  });
});
