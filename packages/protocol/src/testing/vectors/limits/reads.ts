import { type Cases, type FunctionCases, hexByte, zeros } from "./function-cases.ts";

function readRequest(code: number, most: number): Cases {
  const fc = hexByte(code);
  const quantity = most.toString(16).padStart(4, "0");
  const more = (most + 1).toString(16).padStart(4, "0");
  return {
    // fc | address | quantity
    valid: [{ frame: `${fc} 0013 0011`, message: { function: code, address: 19, quantity: 17 } }],
    limit: [
      { frame: `${fc} ffff 0001`, message: { function: code, address: 65_535, quantity: 1 } },
      { frame: `${fc} 0000 ${quantity}`, message: { function: code, address: 0, quantity: most } },
    ],
    beyond: [
      [`${fc} 0000 0000`, 3],
      [`${fc} 0000 ${more}`, 3],
      [`${fc} 0000 ffff`, 3],
      [`${fc} 0013 0011 00`, 3],
    ],
    truncated: [
      [`${fc} 0013 00`, 3],
      [`${fc}`, 3],
    ],
  };
}

function bits(of: string, code: number): FunctionCases {
  const fc = hexByte(code);
  const longest = "a5".repeat(250);
  return {
    of,
    request: readRequest(code, 2000),
    response: {
      // fc | bytes | bits
      valid: [{ frame: `${fc} 03 cd6b05`, message: { function: code, byteCount: 3, bytes: "cd6b05" } }],
      limit: [
        { frame: `${fc} 01 01`, message: { function: code, byteCount: 1, bytes: "01" } },
        { frame: `${fc} fa ${longest}`, message: { function: code, byteCount: 250, bytes: longest } },
      ],
      beyond: [
        [`${fc} 00`, "response"],
        [`${fc} fb ${longest} a5`, "response"],
        [`${fc} 03 cd6b05 00`, "response"],
      ],
      truncated: [
        [`${fc} 03 cd6b`, "response"],
        [`${fc}`, "response"],
      ],
    },
  };
}

/** The answer to a read of registers, whichever function asks. */
export function registersResponse(code: number): Cases {
  const fc = hexByte(code);
  return {
    // fc | bytes | registers
    valid: [{ frame: `${fc} 04 0003 0011`, message: { function: code, byteCount: 4, registers: [3, 17] } }],
    limit: [
      { frame: `${fc} 02 ffff`, message: { function: code, byteCount: 2, registers: [65_535] } },
      {
        frame: `${fc} fa ${"0000".repeat(125)}`,
        message: { function: code, byteCount: 250, registers: zeros(125) },
      },
    ],
    beyond: [
      [`${fc} 00`, "response"],
      [`${fc} 03 000102`, "response"],
      [`${fc} fc ${"0000".repeat(126)}`, "response"],
      [`${fc} 02 0003 00`, "response"],
    ],
    truncated: [
      [`${fc} 04 0003 00`, "response"],
      [`${fc}`, "response"],
    ],
  };
}

/** Reads of the four tables. MODBUS Application Protocol V1.1b3 § 6.1 to § 6.4 */
export const reads: readonly FunctionCases[] = [
  bits("read-coils", 1),
  bits("read-discrete-inputs", 2),
  { of: "read-holding-registers", request: readRequest(3, 125), response: registersResponse(3) },
  { of: "read-input-registers", request: readRequest(4, 125), response: registersResponse(4) },
];
