import { answered, type Cases, emptyPdu, type FunctionCases, hexByte, zeros } from "./function-cases.ts";

const queueRequest: Cases = {
  // fc | address
  valid: [{ frame: "18 04de", message: { function: 24, fifoPointerAddress: 1246 } }],
  limit: [
    { frame: "18 0000", message: { function: 24, fifoPointerAddress: 0 } },
    { frame: "18 ffff", message: { function: 24, fifoPointerAddress: 65_535 } },
  ],
  beyond: [["18 04de 00", 3]],
  truncated: [
    ["18 04", 3],
    ["18", 3],
  ],
};

const queueResponse: Cases = {
  // fc | bytes | count | registers
  valid: [{ frame: "18 0006 0002 01b8 1284", message: { function: 24, count: 2, values: [440, 4740] } }],
  limit: [
    { frame: "18 0002 0000", message: { function: 24, count: 0, values: [] } },
    { frame: `18 0040 001f ${"0000".repeat(31)}`, message: { function: 24, count: 31, values: zeros(31) } },
  ],
  beyond: [
    [`18 0042 0020 ${"0000".repeat(32)}`, "response"],
    ["18 0004 0002 01b8 1284", "response"],
    ["18 0006 0001 01b8 1284", "response"],
    ["18 0006 0002 01b8 1284 00", "response"],
  ],
  truncated: [
    ["18 0006 0002 01b8 12", "response"],
    ["18 0002 00", "response"],
    ["18", "response"],
  ],
};

const canopen: Cases = {
  // fc | MEI | data
  valid: [{ frame: "2b 0d 0102", message: { function: 43, mei: 13, data: "0102" } }],
  limit: [
    { frame: "2b 0d", message: { function: 43, mei: 13, data: "" } },
    { frame: `2b 0d ${"41".repeat(251)}`, message: { function: 43, mei: 13, data: "41".repeat(251) } },
  ],
  beyond: [
    [`2b 0d ${"41".repeat(252)}`, 3],
    ["2b 0c 0102", 1],
    ["2b 0f 0102", 1],
  ],
  truncated: [["2b", 3]],
};

const identificationRequest: Cases = {
  // fc | MEI | code | object
  valid: [{ frame: "2b 0e 01 00", message: { function: 43, mei: 14, readDeviceIdCode: 1, objectId: 0 } }],
  limit: [
    { frame: "2b 0e 03 80", message: { function: 43, mei: 14, readDeviceIdCode: 3, objectId: 128 } },
    { frame: "2b 0e 04 ff", message: { function: 43, mei: 14, readDeviceIdCode: 4, objectId: 255 } },
  ],
  beyond: [
    ["2b 0e 00 00", 3],
    ["2b 0e 05 00", 3],
    ["2b 0e 01 00 00", 3],
  ],
  truncated: [
    ["2b 0e 01", 3],
    ["2b 0e", 3],
    ["2b", 3],
  ],
};

const header = { function: 43, mei: 14, readDeviceIdCode: 1, conformityLevel: 1, moreFollows: false, nextObjectId: 0 };
const identificationResponse: Cases = {
  // fc | MEI | code | conformity | more | next | objects | per object: id | length | value
  valid: [
    {
      frame: "2b 0e 01 01 00 00 02 00 03 414243 01 02 5859",
      message: { ...header, objects: { "0": "ABC", "1": "XY" } },
    },
  ],
  limit: [
    { frame: "2b 0e 01 01 00 00 00", message: { ...header, objects: {} } },
    { frame: "2b 0e 01 83 00 00 00", message: { ...header, conformityLevel: 0x83, objects: {} } },
    {
      frame: "2b 0e 04 81 00 00 01 ff 00",
      message: { ...header, readDeviceIdCode: 4, conformityLevel: 0x81, objects: { "255": "" } },
    },
    {
      frame: `2b 0e 03 03 ff ff 01 fe f4 ${"41".repeat(244)}`,
      message: {
        ...header,
        readDeviceIdCode: 3,
        conformityLevel: 3,
        moreFollows: true,
        nextObjectId: 255,
        objects: { "254": "A".repeat(244) },
      },
    },
  ],
  beyond: [
    ["2b 0e 00 01 00 00 00", "response"],
    ["2b 0e 05 01 00 00 00", "response"],
    ["2b 0e 01 00 00 00 00", "response"],
    ["2b 0e 01 04 00 00 00", "response"],
    ["2b 0e 01 80 00 00 00", "response"],
    ["2b 0e 01 84 00 00 00", "response"],
    ["2b 0e 01 01 01 00 00", "response"],
    ["2b 0e 01 01 00 01 00", "response"],
    ["2b 0e 01 01 00 00 00 00", "response"],
    [`2b 0e 01 01 00 00 01 00 f5 ${"41".repeat(245)}`, "response"],
  ],
  truncated: [
    ["2b 0e 01 01 00 00 02 00 03 414243", "response"],
    ["2b 0e 01 01 00 00 01 00 03 4142", "response"],
    ["2b 0e 01 01 00 00 01 00", "response"],
    ["2b 0e 01 01 00 00", "response"],
    ["2b", "response"],
  ],
};

function userDefined(code: number): FunctionCases {
  const fc = hexByte(code);
  const data = "41".repeat(252);
  const request: Cases = {
    // fc | data
    valid: [{ frame: `${fc} aabb`, message: { function: code, userDefined: true, data: "aabb" } }],
    limit: [
      { frame: fc, message: { function: code, userDefined: true, data: "" } },
      { frame: `${fc} ${data}`, message: { function: code, userDefined: true, data } },
    ],
    beyond: [[`${fc} ${data} 41`, 3]],
    truncated: [[emptyPdu, 3]],
  };
  return { of: `user-defined/${code}`, request, response: answered(request) };
}

/** MODBUS Application Protocol V1.1b3 § 5.1, § 6.18 to § 6.21, § 7 */
export const others: readonly FunctionCases[] = [
  { of: "read-fifo-queue", request: queueRequest, response: queueResponse },
  { of: "canopen-general-reference", request: canopen, response: answered(canopen) },
  { of: "read-device-identification", request: identificationRequest, response: identificationResponse },
  ...[65, 66, 67, 68, 69, 70, 71, 72].map(userDefined),
  ...[100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110].map(userDefined),
  {
    of: "exception",
    response: {
      // fc | exception
      valid: [{ frame: "83 02", message: { function: 3, exception: 2 } }],
      limit: [
        { frame: "80 01", message: { function: 0, exception: 1 } },
        { frame: "ff ff", message: { function: 127, exception: 255 } },
      ],
      beyond: [
        ["83 00", "response"],
        ["83 02 00", "response"],
      ],
      truncated: [["83", "response"]],
    },
  },
];
