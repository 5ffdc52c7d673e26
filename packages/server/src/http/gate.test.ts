import { describe, expect, test } from "vitest";
import { type Knock, ownHosts, turnAway } from "./gate.ts";

const hosts = ownHosts("127.0.0.1", 8080);
const page: Knock = { method: "GET", path: "/", host: "127.0.0.1:8080", origin: undefined, fetchSite: undefined };
const api: Knock = { ...page, path: "/api/v1/status" };
const session: Knock = { ...page, method: "POST", path: "/api/v1/session", origin: "http://127.0.0.1:8080" };

const code = (knock: Knock) => turnAway(knock, hosts)?.code;

describe("Host", () => {
  test.each(["127.0.0.1:8080", "localhost:8080", "LocalHost:8080"])("%s is this server", (host) => {
    expect(code({ ...page, host })).toBeUndefined();
  });

  test.each([undefined, "", "127.0.0.1", "127.0.0.1:8081", "rebound.example:8080", "127.0.0.2:8080", "[::1]:8080"])(
    "%s is not",
    (host) => {
      expect(code({ ...page, host })).toBe("ERR_CONSOLE_HOST");
    },
  );

  test("port 80 may be left out, an IPv6 address is in brackets", () => {
    expect([...ownHosts("::1", 80)]).toEqual(["[::1]", "[::1]:80", "localhost", "localhost:80"]);
  });
});

describe("Origin", () => {
  test("the page's own origin may ask, by the name that it was opened with", () => {
    expect(code({ ...api, origin: "http://127.0.0.1:8080" })).toBeUndefined();
    expect(code({ ...api, origin: "http://localhost:8080", host: "localhost:8080" })).toBeUndefined();
  });

  test.each(["null", "http://127.0.0.1:9999", "https://127.0.0.1:8080", "http://rebound.example:8080"])(
    "%s may not",
    (origin) => {
      expect(code({ ...api, origin })).toBe("ERR_CONSOLE_ORIGIN");
      expect(code({ ...session, origin })).toBe("ERR_CONSOLE_ORIGIN");
    },
  );

  test("a page of another port has the same cookies, and is told apart by Sec-Fetch-Site", () => {
    expect(code({ ...api, fetchSite: "same-origin" })).toBeUndefined();
    expect(code({ ...api, fetchSite: "none" })).toBeUndefined();
    expect(code({ ...api, fetchSite: "same-site" })).toBe("ERR_CONSOLE_ORIGIN");
    expect(code({ ...api, fetchSite: "cross-site" })).toBe("ERR_CONSOLE_ORIGIN");
  });

  test("a link from elsewhere may open the page", () => {
    expect(code({ ...page, fetchSite: "cross-site" })).toBeUndefined();
  });
});

describe("method", () => {
  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s changes nothing", (method) => {
    expect(code({ ...api, method })).toBe("ERR_CONSOLE_METHOD");
    expect(code({ ...page, method })).toBe("ERR_CONSOLE_METHOD");
  });

  test("a session is made by POST alone", () => {
    expect(code(session)).toBeUndefined();
    expect(code({ ...session, method: "GET" })).toBe("ERR_CONSOLE_METHOD");
  });

  test("so is a question to the policy, which changes nothing", () => {
    const explain: Knock = { ...session, path: "/api/v1/policy/explain" };
    expect(code(explain)).toBeUndefined();
    expect(code({ ...explain, method: "GET" })).toBe("ERR_CONSOLE_METHOD");
    expect(code({ ...explain, path: "/api/v1/policy" })).toBe("ERR_CONSOLE_METHOD");
    expect(code({ ...explain, origin: "http://127.0.0.1:9999" })).toBe("ERR_CONSOLE_ORIGIN");
  });

  test("a foreign host learns nothing of methods", () => {
    expect(code({ ...api, method: "PUT", host: "rebound.example" })).toBe("ERR_CONSOLE_HOST");
  });
});
