import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rawRequest, useHarness } from "./testing/harness.ts";

const harness = useHarness();

describe("console files", () => {
  function build(): void {
    mkdirSync(join(harness.consoleDir, "assets"));
    writeFileSync(join(harness.consoleDir, "index.html"), "<!doctype html><title>console</title>");
    writeFileSync(join(harness.consoleDir, "assets", "index-4f2a.js"), "export {};");
  }

  test("a console that is not built answers with a page that says how", async () => {
    const http = await harness.start({ consoleDir: join(harness.consoleDir, "none") });
    const response = await fetch(http.url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await response.text()).toContain("npm run build");
  });

  test("the page needs no token, and is not cached; its assets are, for ever", async () => {
    build();
    const http = await harness.start();
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
    writeFileSync(join(harness.consoleDir, "..", "secret.txt"), "secret");
    const http = await harness.start();
    const answer = await rawRequest(http, { path });
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain("secret");
  });

  test("every answer carries the security headers", async () => {
    build();
    const http = await harness.start();
    for (const path of ["", "healthz", "api/v1/status", "nothing"]) {
      const { headers } = await fetch(`${http.url}${path}`);
      expect(headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });
});
