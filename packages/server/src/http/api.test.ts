import { describe, expect, test } from "vitest";
import { bearer, codeOf, useHarness } from "./testing/harness.ts";
import { sampleApprovals } from "./testing/sample-approvals.ts";
import { samplePolicy } from "./testing/sample-policy.ts";
import { sampleRegistry } from "./testing/sample-registry.ts";
import { SampleSite } from "./testing/sample-site.ts";

const harness = useHarness();

describe("API", () => {
  test("devices and transactions", async () => {
    harness.site.run(30);
    const http = await harness.start();
    const devices = await fetch(`${http.url}api/v1/devices`, { headers: bearer(http) });
    expect(await devices.json()).toEqual({ devices: harness.site.devices() });
    const response = await fetch(`${http.url}api/v1/transactions?limit=7`, { headers: bearer(http) });
    expect(await response.json()).toEqual({ transactions: harness.site.transactions(7) });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("the registry: identities, keys and refusals; and approvals", async () => {
    const http = await harness.start();
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${http.url}api/v1/${path}`, { headers: bearer(http) })).json();
    expect(await get("identities")).toEqual(await sampleRegistry.identities());
    expect(await get("keys")).toEqual(await sampleRegistry.keys());
    expect(await get("refusals?limit=1")).toEqual({ refusals: await sampleRegistry.refusals(1) });
    expect(await get("approvals")).toEqual({ approvals: sampleApprovals });
    for (const path of ["identities", "keys", "refusals", "approvals"]) {
      expect((await fetch(`${http.url}api/v1/${path}`)).status).toBe(401);
    }
    expect((await fetch(`${http.url}api/v1/refusals?limit=0`, { headers: bearer(http) })).status).toBe(400);
  });

  test("the policy in force, and what it decides of a request", async () => {
    const http = await harness.start();
    const read = await fetch(`${http.url}api/v1/policy`, { headers: bearer(http) });
    expect(await read.json()).toEqual(samplePolicy.current());
    const explain = async (body: unknown, headers: object = bearer(http)): Promise<Response> =>
      await fetch(`${http.url}api/v1/policy/explain`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    const asked = { as: "Operator", unit: 3, write: "setpoint", value: 40, known: { setpoint: 35 } };
    expect(await (await explain(asked)).json()).toEqual(samplePolicy.explain(asked));
    expect(await (await explain({ ...asked, as: null })).json()).toMatchObject({ permit: false });
    for (const bad of [{}, { ...asked, colour: 1 }, { ...asked, unit: 256 }, { ...asked, unit: 11 }, [], "x"]) {
      const response = await explain(bad);
      expect([response.status, await codeOf(response)]).toEqual([400, "ERR_CONSOLE_BAD_REQUEST"]);
    }
    const long = { ...asked, comment: "x".repeat(70_000) };
    expect((await explain(long)).status).toBe(413);
    expect((await explain(asked, {})).status).toBe(401);
    expect((await fetch(`${http.url}api/v1/policy/explain`, { headers: bearer(http) })).status).toBe(405);
  });

  test.each(["0", "1001", "-1", "x", "1.5"])("limit=%s is an error", async (limit) => {
    const http = await harness.start();
    const response = await fetch(`${http.url}api/v1/transactions?limit=${limit}`, { headers: bearer(http) });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("ERR_CONSOLE_BAD_REQUEST");
  });

  test("the OpenAPI document names every route and shape", async () => {
    const http = await harness.start();
    const response = await fetch(`${http.url}api/v1/openapi.json`, { headers: bearer(http) });
    const document = (await response.json()) as {
      readonly openapi: string;
      readonly paths: object;
      readonly components: { readonly schemas: object };
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths).sort()).toEqual([
      "/api/v1/approvals",
      "/api/v1/audit/blame",
      "/api/v1/audit/records/{seq}",
      "/api/v1/audit/records/{seq}/proof",
      "/api/v1/audit/search",
      "/api/v1/audit/state",
      "/api/v1/devices",
      "/api/v1/events",
      "/api/v1/identities",
      "/api/v1/keys",
      "/api/v1/policy",
      "/api/v1/policy/explain",
      "/api/v1/refusals",
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
    const http = await harness.start({ view });
    const response = await fetch(`${http.url}api/v1/status`, { headers: bearer(http) });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret detail");
    expect(harness.errors.splice(0).map(({ message }) => message)).toEqual(["secret detail"]);
  });
});

describe("probes", () => {
  test("healthz is 200 while the process answers, readyz says whether the site works", async () => {
    let ready = false;
    const http = await harness.start({ ready: () => ready });
    expect((await fetch(`${http.url}healthz`)).status).toBe(200);
    expect((await fetch(`${http.url}readyz`)).status).toBe(503);
    ready = true;
    expect((await fetch(`${http.url}readyz`)).status).toBe(200);
    expect((await fetch(`${http.url}readyz`, { method: "HEAD" })).status).toBe(200);
  });
});
