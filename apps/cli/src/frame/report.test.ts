import { IdentityError } from "@modwarden/identity";
import { describe, expect, it } from "vitest";
import { codeOf, exitCodeOf } from "./exit-code.ts";

/** As the operating system's refusals arrive from Node. */
function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: refused`), { code, ...more });
}

describe("the code of an error", () => {
  const taken = systemError("EADDRINUSE", { address: "127.0.0.1", port: 8080 });

  it("is always one of the project's: scripts look for ERR_", () => {
    expect(codeOf(taken)).toBe("ERR_ADDRESS_TAKEN");
    expect(codeOf(systemError("EACCES"))).toBe("ERR_SYSTEM");
    expect(codeOf(new Error("unforeseen"))).toBe("ERR_INTERNAL");
    expect(codeOf(new IdentityError("ERR_ENROLMENT_REFUSED", "no"))).toBe("ERR_ENROLMENT_REFUSED");
  });

  it("says that an address is taken whatever wraps it, and that is no device out of reach", () => {
    const wrapped = Object.assign(new Error("cannot listen", { cause: taken }), { code: "ERR_MODBUS_NO_CONNECTION" });
    expect(codeOf(wrapped)).toBe("ERR_ADDRESS_TAKEN");
    expect(exitCodeOf(wrapped)).toBe(1);
  });
});
