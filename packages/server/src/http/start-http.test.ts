import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type RunningHttp, startHttp } from "./start-http.ts";
import { bearer, codeOf, tokenOf, useHarness } from "./testing/harness.ts";
import { sampleAudit } from "./testing/sample-audit.ts";
import { samplePolicy } from "./testing/sample-policy.ts";
import { sampleRegistry } from "./testing/sample-registry.ts";

const harness = useHarness();

const login = (http: RunningHttp, body: unknown) =>
  fetch(`${http.url}api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("address", () => {
  test("another address than loopback is an error before anything listens", async () => {
    await expect(harness.start({ listen: "http://0.0.0.0:0" })).rejects.toMatchObject({
      code: "ERR_CONSOLE_NOT_LOOPBACK",
    });
  });

  test("the token is made anew for each start and stands in the fragment", async () => {
    const first = await harness.start();
    const token = tokenOf(first);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(first.address).toBe(`${first.url}#token=${token}`);
    await first.close();
    expect(tokenOf(await harness.start())).not.toBe(token);
  });

  test("a port that is taken is said as the system says it", async () => {
    const first = await harness.start();
    await expect(
      startHttp({
        view: harness.site,
        registry: sampleRegistry,
        policy: samplePolicy,
        approvals: () => [],
        audit: sampleAudit,
        listen: first.url,
        consoleDir: harness.consoleDir,
        random: randomBytes,
      }),
    ).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  test.each(["http://localhost:0", "http://127.0.0.2:0"])("%s listens, and answers to that name", async (listen) => {
    const http = await harness.start({ listen });
    expect((await fetch(`${http.url}healthz`)).status).toBe(200);
  });
});

describe("token", () => {
  test.each(["status", "devices", "transactions", "events", "openapi.json", "nothing"])(
    "/api/v1/%s wants one",
    async (name) => {
      const http = await harness.start();
      const response = await fetch(`${http.url}api/v1/${name}`);
      expect(response.status).toBe(401);
      expect(await codeOf(response)).toBe("ERR_CONSOLE_TOKEN");
    },
  );

  test.each(["Bearer x", "Bearer ", "Basic x", "bearer", `Bearer ${"a".repeat(43)}`])(
    "%j is none",
    async (authorization) => {
      const http = await harness.start();
      expect((await fetch(`${http.url}api/v1/status`, { headers: { authorization } })).status).toBe(401);
    },
  );

  test("in the header it opens the API", async () => {
    const http = await harness.start();
    const response = await fetch(`${http.url}api/v1/status`, { headers: bearer(http) });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(harness.site.status());
  });

  test("a browser exchanges it for a cookie that scripts cannot read", async () => {
    const http = await harness.start();
    const response = await login(http, { token: tokenOf(http) });
    expect(response.status).toBe(204);
    const cookie = response.headers.get("set-cookie") ?? "";
    const port = new URL(http.url).port;
    expect(cookie).toMatch(new RegExp(`^modwarden_${port}=[\\w-]{43}; Path=/api/; HttpOnly; SameSite=Strict$`));
    expect(cookie).not.toContain(tokenOf(http));
    const [pair = ""] = cookie.split(";");
    expect((await fetch(`${http.url}api/v1/status`, { headers: { cookie: pair } })).status).toBe(200);
    expect((await fetch(`${http.url}api/v1/status`, { headers: { cookie: `${pair}x` } })).status).toBe(401);
  });

  test("a wrong one gets no cookie", async () => {
    const http = await harness.start();
    const response = await login(http, { token: "wrong" });
    expect(response.status).toBe(401);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  test.each(["", "{", "[]", "{}", '{"token":1}', '{"token":"x","more":1}'])(
    "%s is no request for one",
    async (body) => {
      const response = await login(await harness.start(), body);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe("ERR_CONSOLE_BAD_REQUEST");
    },
  );

  test("a body has at most 4 KiB, with and without a length", async () => {
    const http = await harness.start();
    const body = JSON.stringify({ token: "x".repeat(5000) });
    expect((await login(http, body)).status).toBe(413);
    const streamed = await fetch(`${http.url}api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([body]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(await codeOf(streamed)).toBe("ERR_CONSOLE_TOO_LARGE");
  });
});
