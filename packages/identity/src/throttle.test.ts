import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RefusalThrottle } from "./throttle.ts";

const options = { burst: 2, perMinute: 6, sources: 3 };
let codes = 0;
/** Another one each time. */
function code(): string {
  codes += 1;
  return `CODE${codes}`;
}

describe("RefusalThrottle", () => {
  it("lets a burst through, then what time gives back", () => {
    const throttle = new RefusalThrottle(options);
    throttle.refused("a", 0);
    expect(throttle.ask("a", 0, code)).toEqual({ allowed: true });
    throttle.refused("a", 0);
    codes = 0;
    expect(throttle.ask("a", 0, code)).toEqual({ allowed: false, first: true, correlation: "CODE1" });
    // The one code of a spell, so that each of its refusals leads to the one report of it.
    expect(throttle.ask("a", 9_999, code)).toEqual({ allowed: false, first: false, correlation: "CODE1" });
    expect(throttle.ask("a", 10_000, code)).toEqual({ allowed: true });
    throttle.refused("a", 10_000);
    expect(throttle.ask("a", 10_000, code)).toEqual({ allowed: false, first: true, correlation: "CODE2" });
  });

  it("holds an IPv6 network of one host as one source, and a mapped IPv4 address as itself", () => {
    const throttle = new RefusalThrottle({ ...options, burst: 1 });
    throttle.refused("2001:db8:0:1::1", 0);
    expect(throttle.ask("2001:db8:0:1:ffff::2", 0, code).allowed).toBe(false);
    expect(throttle.ask("2001:db8::1:0:0:0:2", 0, code).allowed).toBe(false);
    expect(throttle.ask("2001:db8:0:2::1", 0, code).allowed).toBe(true);
    throttle.refused("::ffff:10.0.0.1", 0);
    expect(throttle.ask("10.0.0.1", 0, code).allowed).toBe(false);
    expect(throttle.ask("10.0.0.2", 0, code).allowed).toBe(true);
  });

  it("remembers a bounded number of sources, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.ipV4(), fc.nat(1000)), { maxLength: 50 }), (refusals) => {
        const throttle = new RefusalThrottle(options);
        for (const [source, at] of refusals) {
          throttle.refused(source, at);
          expect(throttle.size).toBeLessThanOrEqual(options.sources);
        }
      }),
    );
  });

  it("is not fooled by a clock that goes back", () => {
    const throttle = new RefusalThrottle({ ...options, burst: 1 });
    throttle.refused("a", 100_000);
    expect(throttle.ask("a", 0, code).allowed).toBe(false);
    expect(throttle.ask("a", 10_000, code).allowed).toBe(true);
  });
});
