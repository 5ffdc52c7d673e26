import { describe, test } from "vitest";
import { anyResponse } from "../testing/any-response.ts";
import { expectCodec, type Side } from "../testing/codec-property.ts";
import type { ExceptionResponse, Response } from "./messages.ts";
import { decodeResponse, describeResponse, encodeResponse, responseSize } from "./pdu.ts";

const side: Side<Response | ExceptionResponse> = {
  encode: encodeResponse,
  decode: decodeResponse,
  size: responseSize,
  describe: describeResponse,
};

describe("responses come back from their bytes, and no bytes do harm", () => {
  // A second or two each; many times that while coverage is measured on a busy machine.
  test.each(Object.entries(anyResponse))("%s", { timeout: 120_000 }, (_, any) => {
    expectCodec(side, any);
  });
});
