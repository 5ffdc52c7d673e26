import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RefusalThrottle } from "./throttle.ts";

const options = { burst: 2, perMinute: 6, sources: 3 };

describe("RefusalThrottle", () => {
  it("lets a burst through, then what time gives back", () => {
    const throttle = new RefusalThrottle(options);
    throttle.refused("a", 0);
    expect(throttle.ask("a", 0)).toEqual({ allowed: true });
    throttle.refused("a", 0);
    expect(throttle.ask("a", 0)).toEqual({ allowed: false, first: true });
    expect(throttle.ask("a", 9_999)).toEqual({ allowed: false, first: false });
    expect(throttle.ask("a", 10_000)).toEqual({ allowed: true });
    throttle.refused("a", 10_000);
    expect(throttle.ask("a", 10_000)).toEqual({ allowed: false, first: true });
  });

  it("holds an IPv6 network of one host as one source, and a mapped IPv4 address as itself", () => {
    const throttle = new RefusalThrottle({ ...options, burst: 1 });
    throttle.refused("2001:db8:0:1::1", 0);
    expect(throttle.ask("2001:db8:0:1:ffff::2", 0).allowed).toBe(false);
    expect(throttle.ask("2001:db8::1:0:0:0:2", 0).allowed).toBe(false);
    expect(throttle.ask("2001:db8:0:2::1", 0).allowed).toBe(true);
    throttle.refused("::ffff:10.0.0.1", 0);
    expect(throttle.ask("10.0.0.1", 0).allowed).toBe(false);
    expect(throttle.ask("10.0.0.2", 0).allowed).toBe(true);
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
    expect(throttle.ask("a", 0).allowed).toBe(false);
    expect(throttle.ask("a", 10_000).allowed).toBe(true);
  });
});
