import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { bearer, codeOf, rawRequest, useHarness } from "./testing/harness.ts";

const harness = useHarness();

describe("who may ask", () => {
  test("a page that points its own name at this machine is refused everywhere", async () => {
    const http = await harness.start();
    for (const path of ["/", "/healthz", "/api/v1/status"]) {
      const answer = await rawRequest(http, { path, headers: { host: "rebound.example", ...bearer(http) } });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain("ERR_CONSOLE_HOST");
    }
  });

  test("an absolute request target changes nothing about that", async () => {
    const http = await harness.start();
    const port = new URL(http.url).port;
    const path = `http://127.0.0.1:${port}/api/v1/status`;
    expect((await rawRequest(http, { path, headers: { host: "rebound.example", ...bearer(http) } })).status).toBe(403);
  });

  test("another origin is refused with the right token", async () => {
    const http = await harness.start();
    const headers = { origin: "http://rebound.example", ...bearer(http) };
    expect((await fetch(`${http.url}api/v1/status`, { headers })).status).toBe(403);
    const own = { origin: http.url.slice(0, -1), ...bearer(http) };
    expect((await fetch(`${http.url}api/v1/status`, { headers: own })).status).toBe(200);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "%s is not offered: the API is read-only",
    async (method) => {
      const http = await harness.start();
      const response = await fetch(`${http.url}api/v1/devices`, { method, headers: bearer(http) });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    },
  );

  test.each([undefined, "text/plain", "application/x-www-form-urlencoded"])(
    "a token in a body of type %s is a bad request, and no fault of the server",
    async (type) => {
      const http = await harness.start();
      const headers = type === undefined ? {} : { "content-type": type };
      const body = new TextEncoder().encode(JSON.stringify({ token: "x" }));
      const response = await fetch(`${http.url}api/v1/session`, { method: "POST", headers, body });
      expect([response.status, await codeOf(response)]).toEqual([400, "ERR_CONSOLE_BAD_REQUEST"]);
    },
  );

  test("headers beyond 8 KiB are refused", async () => {
    const http = await harness.start();
    const { status } = await rawRequest(http, { path: "/healthz", headers: { "x-long": "x".repeat(9000) } });
    expect(status).toBe(431);
  });

  test("connections beyond the limit are closed at once", async () => {
    const http = await harness.start({ limits: { connections: 1 } });
    const port = Number(new URL(http.url).port);
    const first = connect(port, "127.0.0.1");
    await new Promise((resolve) => first.once("connect", resolve));
    const second = connect(port, "127.0.0.1");
    second.on("error", () => {});
    second.resume();
    await new Promise((resolve) => second.once("close", resolve));
    first.destroy();
  });
});
