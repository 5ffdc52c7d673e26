import { describe, expect, it } from "vitest";
import { runHere } from "../testing/terminal.ts";

//            tx id | proto | length | unit | fc | address | quantity
const request = "0001  0000    0006     01    03    0000      000a";

describe("decode", () => {
  it("tells a Modbus/TCP request field by field", async () => {
    const { code, json } = await runHere(["decode", request, "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([
      {
        valid: true,
        transport: "tcp",
        unit: 1,
        direction: "request",
        pdu: { function: 3, name: "read-holding-registers", address: 0, quantity: 10 },
      },
    ]);
    const { stdout } = await runHere(["decode", request]);
    for (const word of ["read-holding-registers", "quantity", "10"]) expect(stdout).toContain(word);
  });

  it.each([
    [["--pdu", "--response", "8302"], { transport: "pdu", direction: "response", pdu: { function: 3, exception: 2 } }],
    [["--rtu", "110300010001d75a"], { transport: "rtu", unit: 17, direction: "request", pdu: { function: 3 } }],
    [["--pdu", "4101"], { transport: "pdu", pdu: { function: 65, data: "01" } }],
  ])("takes %j", async (args, expected) => {
    const { code, json } = await runHere(["decode", ...args, "--json"]);
    expect(code).toBe(0);
    expect(json).toEqual([expect.objectContaining({ valid: true })]);
    expect(json[0]).toMatchObject(expected);
  });

  it("has no unit where the transport has none", async () => {
    const { json } = await runHere(["decode", "--pdu", "0300000001", "--json"]);
    expect(Object.keys(json[0] as object)).toEqual(["valid", "transport", "direction", "pdu"]);
  });

  it.each([
    ["a frame with a byte too many", [`${request}00`], "ERR_MODBUS_BAD_FRAME"],
    ["half a byte", ["123"], "ERR_MODBUS_BAD_VALUE"],
    ["an unassigned function code", ["--pdu", "6300"], "ERR_MODBUS_BAD_REQUEST"],
    ["a wrong check sum", ["--rtu", "110300010001d75b"], "ERR_MODBUS_BAD_FRAME"],
  ])("says that %s is invalid, and ends with 1", async (_, args, expected) => {
    const { code, json } = await runHere(["decode", ...args, "--json"]);
    expect(code).toBe(1);
    expect(json).toEqual([{ valid: false, code: expected, reason: expect.any(String) }]);
  });

  it("answers every line of standard input with one line, in order", async () => {
    const input = `${request}\r\nxyz\n\n${"0".repeat(20_000)}\n${request}`;
    const { code, json } = await runHere(["decode", "-", "--json"], { input });
    expect(code).toBe(1);
    expect(json.map((document) => (document as { valid: boolean }).valid)).toEqual([true, false, false, false, true]);
    const plain = await runHere(["decode", "-"], { input });
    expect(plain.stdout.trimEnd().split("\n")).toHaveLength(5);
  });

  it("has nothing to say about an empty input", async () => {
    expect(await runHere(["decode", "-", "--json"])).toMatchObject({ code: 0, stdout: "" });
  });
});
