import { answered, type Cases, emptyPdu, type FunctionCases, hexByte } from "./function-cases.ts";

const subFunctionHex = (subFunction: number): string => subFunction.toString(16).padStart(4, "0");

/** Data of 0 in both directions, or in the request alone. */
function zero(subFunction: number, name: string): Cases {
  const sub = subFunctionHex(subFunction);
  // fc | sub-function | data
  const only = { frame: `08 ${sub} 0000`, message: { function: 8, subFunction, name, data: "0000" } };
  return {
    valid: [only],
    limit: [only],
    beyond: [
      [`08 ${sub} 0001`, 3],
      [`08 ${sub} ff00`, 3],
      [`08 ${sub} 0000 0000`, 3],
    ],
    truncated: [
      [`08 ${sub} 00`, 3],
      [`08 ${sub}`, 3],
      ["08 00", 3],
      ["08", 3],
    ],
  };
}

function counter(subFunction: number, name: string): FunctionCases {
  const sub = subFunctionHex(subFunction);
  const value = (data: string): Cases["valid"][number] => ({
    frame: `08 ${sub} ${data}`,
    message: { function: 8, subFunction, name, data },
  });
  return {
    of: `diagnostics/${subFunction}`,
    request: zero(subFunction, name),
    response: {
      valid: [value("1010")],
      limit: [value("0000"), value("ffff")],
      beyond: [
        [`08 ${sub} 1010 00`, "response"],
        [`08 ${sub} 1010 1010`, "response"],
      ],
      truncated: [
        [`08 ${sub} 10`, "response"],
        [`08 ${sub}`, "response"],
        ["08", "response"],
      ],
    },
  };
}

const both = (of: string, request: Cases): FunctionCases => ({ of, request, response: answered(request) });

const longest = "a537".repeat(125);
const queryData: Cases = {
  valid: [{ frame: "08 0000 a537", message: { function: 8, subFunction: 0, name: "returnQueryData", data: "a537" } }],
  limit: [
    { frame: "08 0000 0000", message: { function: 8, subFunction: 0, name: "returnQueryData", data: "0000" } },
    { frame: `08 0000 ${longest}`, message: { function: 8, subFunction: 0, name: "returnQueryData", data: longest } },
  ],
  beyond: [
    [`08 0000 ${longest} a5`, 3],
    [`08 0000 ${longest} a537`, 3],
    ["08 0000 a537 a5", 3],
  ],
  truncated: [
    ["08 0000 a5", 3],
    ["08 0000", 3],
    ["08", 3],
  ],
};

const restart: Cases = {
  valid: [{ frame: "08 0001 0000", message: { function: 8, subFunction: 1, name: "restartComm", data: "0000" } }],
  limit: [{ frame: "08 0001 ff00", message: { function: 8, subFunction: 1, name: "restartComm", data: "ff00" } }],
  beyond: [
    ["08 0001 0001", 3],
    ["08 0001 ff01", 3],
    ["08 0001 ffff", 3],
    ["08 0001 ff00 0000", 3],
  ],
  truncated: [
    ["08 0001 ff", 3],
    ["08 0001", 3],
  ],
};

const delimiter = (data: string): Cases["valid"][number] => ({
  frame: `08 0003 ${data}`,
  message: { function: 8, subFunction: 3, name: "changeAsciiDelimiter", data },
});
const changeDelimiter: Cases = {
  valid: [delimiter("0a00")],
  limit: [delimiter("0000"), delimiter("ff00")],
  beyond: [
    ["08 0003 0a01", 3],
    ["08 0003 0a00 0000", 3],
  ],
  truncated: [
    ["08 0003 0a", 3],
    ["08 0003", 3],
  ],
};

/** A request that is its function code and no more. */
function bare(code: number): Cases {
  const only = { frame: hexByte(code), message: { function: code } };
  return { valid: [only], limit: [only], beyond: [[`${hexByte(code)} 00`, 3]], truncated: [[emptyPdu, 3]] };
}

const exceptionStatus = (status: number): Cases["valid"][number] => ({
  frame: `07 ${hexByte(status)}`,
  message: { function: 7, status },
});

const eventLog: Cases = {
  // fc | bytes | status | events counted | messages counted | events
  valid: [
    {
      frame: "0c 08 0000 0108 0121 2000",
      message: { function: 12, status: 0, eventCount: 264, messageCount: 289, events: [32, 0] },
    },
  ],
  limit: [
    {
      frame: "0c 06 ffff ffff ffff",
      message: { function: 12, status: 65_535, eventCount: 65_535, messageCount: 65_535, events: [] },
    },
    {
      frame: `0c 46 0000 0000 0000 ${"04".repeat(64)}`,
      message: { function: 12, status: 0, eventCount: 0, messageCount: 0, events: new Array(64).fill(4) },
    },
  ],
  beyond: [
    [`0c 47 0000 0000 0000 ${"04".repeat(65)}`, "response"],
    ["0c 05 0000 0000 00", "response"],
    ["0c 06 0001 0000 0000", "response"],
    ["0c 06 0000 0000 0000 04", "response"],
  ],
  truncated: [
    ["0c 08 0000 0108 0121 20", "response"],
    ["0c 06 0000 0000 00", "response"],
    ["0c", "response"],
  ],
};

/** Functions of serial lines. MODBUS Application Protocol V1.1b3 § 6.7 to § 6.10 */
export const serialLine: readonly FunctionCases[] = [
  {
    of: "read-exception-status",
    request: bare(7),
    response: {
      valid: [exceptionStatus(109)],
      limit: [exceptionStatus(0), exceptionStatus(255)],
      beyond: [["07 6d 00", "response"]],
      truncated: [["07", "response"]],
    },
  },
  both("diagnostics/0", queryData),
  both("diagnostics/1", restart),
  counter(2, "diagnosticRegister"),
  both("diagnostics/3", changeDelimiter),
  // Whoever is forced to listen only does not answer.
  { of: "diagnostics/4", request: zero(4, "forceListenOnly") },
  both("diagnostics/10", zero(10, "clearCounters")),
  counter(11, "busMessageCount"),
  counter(12, "busCommErrorCount"),
  counter(13, "busExceptionErrorCount"),
  counter(14, "serverMessageCount"),
  counter(15, "serverNoResponseCount"),
  counter(16, "serverNakCount"),
  counter(17, "serverBusyCount"),
  counter(18, "busCharOverrunCount"),
  both("diagnostics/20", zero(20, "clearOverrun")),
  {
    of: "get-comm-event-counter",
    request: bare(11),
    response: {
      // fc | status | events counted
      valid: [{ frame: "0b 0000 007b", message: { function: 11, status: 0, eventCount: 123 } }],
      limit: [
        { frame: "0b 0000 0000", message: { function: 11, status: 0, eventCount: 0 } },
        { frame: "0b ffff ffff", message: { function: 11, status: 65_535, eventCount: 65_535 } },
      ],
      beyond: [
        ["0b 0001 0000", "response"],
        ["0b 0000 007b 00", "response"],
      ],
      truncated: [
        ["0b 0000 00", "response"],
        ["0b", "response"],
      ],
    },
  },
  { of: "get-comm-event-log", request: bare(12), response: eventLog },
  {
    of: "report-server-id",
    request: bare(17),
    response: {
      // fc | bytes | data
      valid: [{ frame: "11 02 12ff", message: { function: 17, byteCount: 2, data: "12ff" } }],
      limit: [
        { frame: "11 01 00", message: { function: 17, byteCount: 1, data: "00" } },
        {
          frame: `11 fb ${"41".repeat(251)}`,
          message: { function: 17, byteCount: 251, data: "41".repeat(251) },
        },
      ],
      beyond: [
        ["11 00", "response"],
        [`11 fc ${"41".repeat(252)}`, "response"],
        ["11 02 12ff 00", "response"],
      ],
      truncated: [
        ["11 02 12", "response"],
        ["11", "response"],
      ],
    },
  },
];
