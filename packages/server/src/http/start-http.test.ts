import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HttpOptions, type RunningHttp, startHttp } from "./start-http.ts";
import { SampleSite } from "./testing/sample-site.ts";

let consoleDir: string;
let site: SampleSite;
let running: RunningHttp | undefined;
const errors: Error[] = [];

async function start(options: Partial<HttpOptions> = {}): Promise<RunningHttp> {
  running = await startHttp({
    view: site,
    listen: "http://127.0.0.1:0",
    consoleDir,
    random: randomBytes,
    failed: (error) => errors.push(error),
    ...options,
  });
  return running;
}

const tokenOf = (http: RunningHttp): string => new URL(http.address).hash.slice("#token=".length);
const bearer = (http: RunningHttp) => ({ authorization: `Bearer ${tokenOf(http)}` });
const login = (http: RunningHttp, body: unknown) =>
  fetch(`${http.url}api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

async function codeOf(response: Response): Promise<string> {
  const body = (await response.json()) as { readonly error: { readonly code: string } };
  return body.error.code;
}

/** A request as `fetch` would not send it: any Host, any path. */
function rawRequest(http: RunningHttp, options: RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port: new URL(http.url).port, ...options }, (response) => {
      void collect(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

async function collect(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

beforeEach(() => {
  consoleDir = mkdtempSync(join(tmpdir(), "modwarden-console-"));
  site = new SampleSite();
  errors.length = 0;
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(consoleDir, { recursive: true });
  expect(errors).toEqual([]);
});

describe("address", () => {
  test("another address than loopback is an error before anything listens", async () => {
    await expect(start({ listen: "http://0.0.0.0:0" })).rejects.toMatchObject({ code: "ERR_CONSOLE_NOT_LOOPBACK" });
  });

  test("the token is made anew for each start and stands in the fragment", async () => {
    const first = await start();
    const token = tokenOf(first);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(first.address).toBe(`${first.url}#token=${token}`);
    await first.close();
    expect(tokenOf(await start())).not.toBe(token);
  });

  test("a port that is taken is said as the system says it", async () => {
    const first = await start();
    await expect(startHttp({ view: site, listen: first.url, consoleDir, random: randomBytes })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  test.each(["http://localhost:0", "http://127.0.0.2:0"])("%s listens, and answers to that name", async (listen) => {
    const http = await start({ listen });
    expect((await fetch(`${http.url}healthz`)).status).toBe(200);
  });
});

describe("token", () => {
  test.each(["status", "devices", "transactions", "events", "openapi.json", "nothing"])(
    "/api/v1/%s wants one",
    async (name) => {
      const http = await start();
      const response = await fetch(`${http.url}api/v1/${name}`);
      expect(response.status).toBe(401);
      expect(await codeOf(response)).toBe("ERR_CONSOLE_TOKEN");
    },
  );

  test.each(["Bearer x", "Bearer ", "Basic x", "bearer", `Bearer ${"a".repeat(43)}`])(
    "%j is none",
    async (authorization) => {
      const http = await start();
      expect((await fetch(`${http.url}api/v1/status`, { headers: { authorization } })).status).toBe(401);
    },
  );

  test("in the header it opens the API", async () => {
    const http = await start();
    const response = await fetch(`${http.url}api/v1/status`, { headers: bearer(http) });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(site.status());
  });

  test("a browser exchanges it for a cookie that scripts cannot read", async () => {
    const http = await start();
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
    const http = await start();
    const response = await login(http, { token: "wrong" });
    expect(response.status).toBe(401);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  test.each(["", "{", "[]", "{}", '{"token":1}', '{"token":"x","more":1}'])(
    "%s is no request for one",
    async (body) => {
      const response = await login(await start(), body);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe("ERR_CONSOLE_BAD_REQUEST");
    },
  );

  test("a body has at most 4 KiB, with and without a length", async () => {
    const http = await start();
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

describe("who may ask", () => {
  test("a page that points its own name at this machine is refused everywhere", async () => {
    const http = await start();
    for (const path of ["/", "/healthz", "/api/v1/status"]) {
      const answer = await rawRequest(http, { path, headers: { host: "rebound.example", ...bearer(http) } });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain("ERR_CONSOLE_HOST");
    }
  });

  test("an absolute request target changes nothing about that", async () => {
    const http = await start();
    const port = new URL(http.url).port;
    const path = `http://127.0.0.1:${port}/api/v1/status`;
    expect((await rawRequest(http, { path, headers: { host: "rebound.example", ...bearer(http) } })).status).toBe(403);
  });

  test("another origin is refused with the right token", async () => {
    const http = await start();
    const headers = { origin: "http://rebound.example", ...bearer(http) };
    expect((await fetch(`${http.url}api/v1/status`, { headers })).status).toBe(403);
    const own = { origin: http.url.slice(0, -1), ...bearer(http) };
    expect((await fetch(`${http.url}api/v1/status`, { headers: own })).status).toBe(200);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "%s is not offered: the API is read-only",
    async (method) => {
      const http = await start();
      const response = await fetch(`${http.url}api/v1/devices`, { method, headers: bearer(http) });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD");
    },
  );

  test("headers beyond 8 KiB are refused", async () => {
    const http = await start();
    const { status } = await rawRequest(http, { path: "/healthz", headers: { "x-long": "x".repeat(9000) } });
    expect(status).toBe(431);
  });

  test("connections beyond the limit are closed at once", async () => {
    const http = await start({ limits: { connections: 1 } });
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

describe("API", () => {
  test("devices and transactions", async () => {
    site.run(30);
    const http = await start();
    const devices = await fetch(`${http.url}api/v1/devices`, { headers: bearer(http) });
    expect(await devices.json()).toEqual({ devices: site.devices() });
    const response = await fetch(`${http.url}api/v1/transactions?limit=7`, { headers: bearer(http) });
    expect(await response.json()).toEqual({ transactions: site.transactions(7) });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test.each(["0", "1001", "-1", "x", "1.5"])("limit=%s is an error", async (limit) => {
    const http = await start();
    const response = await fetch(`${http.url}api/v1/transactions?limit=${limit}`, { headers: bearer(http) });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("ERR_CONSOLE_BAD_REQUEST");
  });

  test("the OpenAPI document names every route and shape", async () => {
    const http = await start();
    const response = await fetch(`${http.url}api/v1/openapi.json`, { headers: bearer(http) });
    const document = (await response.json()) as {
      readonly openapi: string;
      readonly paths: object;
      readonly components: { readonly schemas: object };
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/api/v1/devices",
      "/api/v1/events",
      "/api/v1/session",
      "/api/v1/status",
      "/api/v1/transactions",
    ]);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(["Device", "Error", "Point", "Status", "Transaction"]),
    );
  });

  test("what fails inside is told to the site and not to the client", async () => {
    const view = Object.assign(new SampleSite(), {
      status: () => {
        throw new Error("secret detail");
      },
    });
    const http = await start({ view });
    const response = await fetch(`${http.url}api/v1/status`, { headers: bearer(http) });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret detail");
    expect(errors.splice(0).map(({ message }) => message)).toEqual(["secret detail"]);
  });
});

describe("probes", () => {
  test("healthz is 200 while the process answers, readyz says whether the site works", async () => {
    let ready = false;
    const http = await start({ ready: () => ready });
    expect((await fetch(`${http.url}healthz`)).status).toBe(200);
    expect((await fetch(`${http.url}readyz`)).status).toBe(503);
    ready = true;
    expect((await fetch(`${http.url}readyz`)).status).toBe(200);
    expect((await fetch(`${http.url}readyz`, { method: "HEAD" })).status).toBe(200);
  });
});

describe("console files", () => {
  function build(): void {
    mkdirSync(join(consoleDir, "assets"));
    writeFileSync(join(consoleDir, "index.html"), "<!doctype html><title>console</title>");
    writeFileSync(join(consoleDir, "assets", "index-4f2a.js"), "export {};");
  }

  test("a console that is not built answers with a page that says how", async () => {
    const http = await start({ consoleDir: join(consoleDir, "none") });
    const response = await fetch(http.url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("npm run build");
  });

  test("the page needs no token, and is not cached; its assets are, for ever", async () => {
    build();
    const http = await start();
    const page = await fetch(http.url);
    expect(await page.text()).toContain("<title>console</title>");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const asset = await fetch(`${http.url}assets/index-4f2a.js`);
    expect(asset.headers.get("content-type")).toMatch(/^text\/javascript/);
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const etag = page.headers.get("etag") ?? "";
    expect((await fetch(http.url, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test.each([
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..%5csecret.txt",
    "//etc/hostname",
    "/assets/",
    "/index.html/",
    "/%00",
  ])("%s leads nowhere", async (path) => {
    build();
    writeFileSync(join(consoleDir, "..", "secret.txt"), "secret");
    const http = await start();
    const answer = await rawRequest(http, { path });
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain("secret");
  });

  test("every answer carries the security headers", async () => {
    build();
    const http = await start();
    for (const path of ["", "healthz", "api/v1/status", "nothing"]) {
      const { headers } = await fetch(`${http.url}${path}`);
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });
});
