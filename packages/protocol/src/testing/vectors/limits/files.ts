import { answered, type Cases, type FunctionCases, zeros } from "./function-cases.ts";

/** Reference type 6, file 1, record 0 and one register. */
const group = "06 0001 0000 0001";

const readRequest: Cases = {
  // fc | bytes | per record: reference | file | record | length
  valid: [
    {
      frame: "14 0e 06 0004 0001 0002 06 0003 0009 0002",
      message: {
        function: 20,
        records: [
          { file: 4, record: 1, length: 2 },
          { file: 3, record: 9, length: 2 },
        ],
      },
    },
  ],
  limit: [
    { frame: `14 07 ${group}`, message: { function: 20, records: [{ file: 1, record: 0, length: 1 }] } },
    {
      frame: `14 f5 ${group.repeat(35)}`,
      message: { function: 20, records: new Array(35).fill({ file: 1, record: 0, length: 1 }) },
    },
    {
      frame: "14 07 06 ffff 270f 0001",
      message: { function: 20, records: [{ file: 65_535, record: 9999, length: 1 }] },
    },
    { frame: "14 07 06 0001 0000 0079", message: { function: 20, records: [{ file: 1, record: 0, length: 121 }] } },
  ],
  beyond: [
    ["14 00", 3],
    [`14 fc ${group.repeat(36)}`, 3],
    [`14 08 ${group} 00`, 3],
    ["14 07 06 0001 0000 0000", 3],
    ["14 07 06 0001 0000 007a", 3],
    [`14 0e ${group} 06 0001 0000 0078`, 3],
    ["14 07 05 0001 0000 0001", 2],
    ["14 07 07 0001 0000 0001", 2],
    ["14 07 06 0000 0000 0001", 2],
    ["14 07 06 0001 2710 0001", 2],
    ["14 07 06 0001 270f 0002", 2],
  ],
  truncated: [
    ["14 07 06 0001 0000 00", 3],
    [`14 0e ${group}`, 3],
    ["14", 3],
  ],
};

const readResponse: Cases = {
  // fc | bytes | per record: length | reference | registers
  valid: [
    {
      frame: "14 0c 05 06 0dfe 0020 05 06 33cd 0040",
      message: {
        function: 20,
        records: [
          [3582, 32],
          [13_261, 64],
        ],
      },
    },
  ],
  limit: [
    { frame: "14 04 03 06 ffff", message: { function: 20, records: [[65_535]] } },
    { frame: `14 f4 f3 06 ${"0000".repeat(121)}`, message: { function: 20, records: [zeros(121)] } },
  ],
  beyond: [
    ["14 00", "response"],
    [`14 f6 f5 06 ${"0000".repeat(122)}`, "response"],
    ["14 02 01 06", "response"],
    ["14 05 04 06 0dfe 00", "response"],
    ["14 04 03 05 0dfe", "response"],
    ["14 04 05 06 0dfe", "response"],
    ["14 04 03 06 0dfe 00", "response"],
  ],
  truncated: [
    ["14 04 03 06 0d", "response"],
    ["14 04 03", "response"],
    ["14", "response"],
  ],
};

const write: Cases = {
  // fc | bytes | reference | file | record | length | registers
  valid: [
    {
      frame: "15 0d 06 0004 0007 0003 06af 04be 100d",
      message: { function: 21, records: [{ file: 4, record: 7, data: [1711, 1214, 4109] }] },
    },
  ],
  limit: [
    { frame: `15 09 ${group} 0000`, message: { function: 21, records: [{ file: 1, record: 0, data: [0] }] } },
    {
      frame: `15 fb 06 ffff 0000 007a ${"0000".repeat(122)}`,
      message: { function: 21, records: [{ file: 65_535, record: 0, data: zeros(122) }] },
    },
    {
      frame: "15 09 06 0001 270f 0001 0000",
      message: { function: 21, records: [{ file: 1, record: 9999, data: [0] }] },
    },
  ],
  beyond: [
    ["15 07 06 0001 0000 0000", 3],
    [`15 fd 06 0001 0000 007b ${"0000".repeat(123)}`, 3],
    ["15 0b 06 0001 0000 0001 0000 0000", 3],
    ["15 09 06 0001 0000 0002 0000", 3],
    [`15 09 ${group} 0000 00`, 3],
    ["15 09 07 0001 0000 0001 0000", 2],
    ["15 09 06 0000 0000 0001 0000", 2],
    ["15 09 06 0001 2710 0001 0000", 2],
    ["15 0b 06 0001 270f 0002 0000 0000", 2],
  ],
  truncated: [
    [`15 09 ${group} 00`, 3],
    [`15 09 ${group}`, 3],
    ["15", 3],
  ],
};

/** File records. MODBUS Application Protocol V1.1b3 § 6.14, § 6.15 */
export const files: readonly FunctionCases[] = [
  { of: "read-file-record", request: readRequest, response: readResponse },
  { of: "write-file-record", request: write, response: answered(write) },
];
