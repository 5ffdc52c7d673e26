import { putBytes } from "../bytes.ts";
import { type Codec, freeze } from "../codec.ts";
import { MAX_PDU } from "../limits.ts";
import { emptyRequest } from "./empty-request.ts";
import type { ReportServerIdRequest, ReportServerIdResponse } from "./messages.ts";
import { checkRange, expectLength, expectQuantity, refuse } from "./refuse.ts";

/** Function code and byte count stand before the data. */
const MAX_DATA = MAX_PDU - 2;

/** Report server id, serial line only by its title. MODBUS Application Protocol V1.1b3 § 6.13 */
export const reportServerIdRequest: Codec<ReportServerIdRequest> = emptyRequest("report-server-id", 17);

/** At least the run indicator is there; how long the id before it is, the specification leaves to the device. */
export const reportServerIdResponse: Codec<ReportServerIdResponse> = freeze({
  kind: "report-server-id",
  functionCode: 17,
  size: (message) => 2 + message.data.length,
  encode(message, out, at) {
    checkRange(message.data.length, 1, MAX_DATA, "byte count");
    out[at] = 17;
    out[at + 1] = message.data.length;
    return putBytes(out, at + 2, message.data);
  },
  decode(bytes, at, end) {
    if (end - at < 2) refuse("response", 3, "the byte count is missing");
    const count = bytes[at + 1]!;
    expectQuantity("response", count, MAX_DATA, "byte count");
    expectLength("response", at, end, 2 + count);
    return { kind: "report-server-id", data: bytes.slice(at + 2, end) };
  },
  describe: (message) => `server id in ${message.data.length} bytes`,
});
