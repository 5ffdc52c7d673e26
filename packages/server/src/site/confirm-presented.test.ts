import { type Confirmation, IdentityError } from "@modwarden/identity";
import { describe, expect, it } from "vitest";
import { confirmPresented } from "./confirm-presented.ts";

/** A registry whose confirmations end when they are told to. */
function registry(): {
  readonly asked: unknown[];
  readonly errors: unknown[];
  readonly shown: ReturnType<typeof confirmPresented>;
  end(error?: Error): Promise<void>;
} {
  const asked: unknown[] = [];
  const errors: unknown[] = [];
  let settle = Promise.withResolvers<Confirmation>();
  const confirm = (fingerprint: string, source?: string): Promise<Confirmation> => {
    asked.push([fingerprint, source]);
    return settle.promise;
  };
  return {
    asked,
    errors,
    shown: confirmPresented({ confirm }, (error) => errors.push(error)),
    async end(error) {
      if (error === undefined) settle.resolve({} as Confirmation);
      else settle.reject(error);
      settle = Promise.withResolvers();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("a certificate that is shown before its confirmation", () => {
  it("is confirmed once, however often it is shown meanwhile", async () => {
    const { asked, shown, end, errors } = registry();
    for (let at = 0; at < 3; at += 1) shown({ fingerprint: "aa", source: "10.0.0.5:4915" });
    shown({ fingerprint: "bb", source: "[2001:db8::1]:4915" });
    expect(asked).toEqual([
      ["aa", "10.0.0.5"],
      ["bb", "[2001:db8::1]"],
    ]);
    await end();
    shown({ fingerprint: "aa", source: "10.0.0.5:4915" });
    expect(asked).toHaveLength(3);
    await end(new IdentityError("ERR_ENROLMENT_CONFIRM", "too late"));
    expect(errors).toEqual([]);
  });

  it("costs no more than a bound, and an error of the registry is told", async () => {
    const { asked, shown, end, errors } = registry();
    for (let at = 0; at < 100; at += 1) shown({ fingerprint: `f${at}`, source: "10.0.0.5:4915" });
    expect(asked).toHaveLength(64);
    await end(new Error("the disk is full"));
    expect(errors).toHaveLength(64);
  });
});
