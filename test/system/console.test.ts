/** The console in a real browser, against the real HTTP server over a small site whose traffic is generated. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, type TestContext } from "vitest";
import type * as Wire from "../../apps/console/src/api/wire.ts";
import { type RunningHttp, startHttp } from "../../packages/server/src/http/index.ts";
import type * as Registry from "../../packages/server/src/http/registry-view.ts";
import type * as Site from "../../packages/server/src/http/site-view.ts";
import { sampleAudit } from "../../packages/server/src/http/testing/sample-audit.ts";
import { samplePolicy } from "../../packages/server/src/http/testing/sample-policy.ts";
import { sampleRegistry } from "../../packages/server/src/http/testing/sample-registry.ts";
import { SampleSite } from "../../packages/server/src/http/testing/sample-site.ts";
import { systemTest } from "./support.ts";

const consoleDir = fileURLToPath(new URL("../../apps/cli/dist/console", import.meta.url));

/** What the server says is what the console reads, and the other way round: a difference does not compile. */
type Same<One, Other> = [One, Other] extends [Other, One] ? true : never;
const sameShapes: readonly [
  Same<Wire.SiteStatus, Omit<Site.SiteStatus, "listeners"> & { readonly listeners: readonly Wire.ListenerView[] }>,
  Same<Wire.DeviceView, Site.DeviceView>,
  Same<Wire.PointView, Site.PointView>,
  Same<Wire.Explanation, Site.LiveTransaction["decision"]>,
  Same<Wire.Because, NonNullable<Site.LiveTransaction["decision"]["because"]>>,
  Same<Wire.IdentityView, Registry.IdentityView>,
  Same<Wire.KeyView, Registry.KeyView>,
  Same<Wire.RefusalView, Registry.RefusalView>,
] = [true, true, true, true, true, true, true, true];

interface Stage {
  readonly site: SampleSite;
  readonly http: RunningHttp;
  readonly page: Page;
  /** What the browser complained of: a refused script, a missing file, an error of the page. */
  readonly complaints: string[];
}

type Look = NonNullable<Parameters<Browser["newPage"]>[0]>;

async function stage(executablePath: string, context: TestContext, look: Look = {}): Promise<Stage> {
  const site = new SampleSite();
  const http = await startHttp({
    view: site,
    registry: sampleRegistry,
    policy: samplePolicy,
    approvals: () => [],
    audit: sampleAudit,
    listen: "http://127.0.0.1:0",
    consoleDir,
    random: randomBytes,
  });
  context.onTestFinished(() => http.close());
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  context.onTestFinished(() => browser.close());
  const window = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...look });
  const page = await window.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { site, http, page, complaints };
}

const rows = (page: Page) => page.locator("[data-verdict]");
const pointRow = (page: Page, id: string) => page.locator(`[data-point="${id}"]`);

systemTest(["chromium"], "the token opens the console once and leaves the address bar", async ([path], context) => {
  expect(sameShapes).not.toContain(false);
  const { site, http, page, complaints } = await stage(path, context);
  site.run(24);
  await page.goto(http.address);
  await pointRow(page, "voltage_l1").waitFor();
  expect(page.url()).toBe(http.url);
  expect(await page.title()).toBe("demo · modwarden");
  await page.reload();
  await pointRow(page, "voltage_l1").waitFor();
  expect(complaints).toEqual([]);
});

systemTest(["chromium"], "without a token, and with an old one, the page says what to do", async ([path], context) => {
  const { http, page } = await stage(path, context);
  await page.goto(http.url);
  await page.getByRole("heading", { name: "Open the address that the command printed" }).waitFor();
  await page.goto(`${http.url}#token=${"x".repeat(43)}`);
  await page.getByRole("heading", { name: "This address is of an earlier start" }).waitFor();
  expect(page.url()).toBe(http.url);
  await page.goto(http.address);
  await pointRow(page, "voltage_l1").waitFor();
});

systemTest(["chromium"], "a change flashes, and only the change", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  await page.goto(http.address);
  await pointRow(page, "voltage_l1").waitFor();
  expect(await page.locator("[data-flash]").count()).toBe(0);
  await page.locator("html").evaluate((root) => {
    root.ownerDocument.addEventListener(
      "animationend",
      (event: { readonly animationName: string; readonly elapsedTime: number }) => {
        if (event.animationName === "tint") root.dataset["tinted"] = `${event.elapsedTime * 1000} ms over`;
      },
    );
  });
  site.changePoint("meter", "voltage_l1", { value: 231.5, text: "231.50" });
  const flash = page.locator("[data-flash]");
  await flash.waitFor();
  expect(await flash.count()).toBe(1);
  expect(await flash.getAttribute("data-flash")).toBe("rose");
  expect(await flash.textContent()).toContain("231.50");
  const tinted = (): Promise<string | null> => page.locator("html").getAttribute("data-tinted");
  await expect.poll(tinted).toBe("600 ms over");
});

systemTest(["chromium"], "a value that is old or missing is said to be", async ([path], context) => {
  const { http, page } = await stage(path, context);
  await page.goto(http.address);
  const stale = pointRow(page, "energy_export");
  await stale.waitFor();
  const style = await stale
    .locator("td")
    .first()
    .evaluate((cell) => cell.ownerDocument.defaultView.getComputedStyle(cell).fontStyle);
  expect(style).toBe("italic");
  expect(await stale.textContent()).toMatch(/3911\.20.*stale.*9\d s/);
  expect(await pointRow(page, "relay_mode").textContent()).toMatch(/no value.*not read.*never/);
  expect(await pointRow(page, "demand_period").textContent()).toContain("40003 / 0x0002 H");
  await page.getByRole("button", { name: /unit 2/ }).click();
  expect(await pointRow(page, "cabinet_temperature").textContent()).toContain("not available");
});

systemTest(["chromium"], "a refusal says why, and opens with everything there is", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  site.run(5);
  await page.goto(http.address);
  const refusal = page.locator('[data-verdict="refused"]');
  await refusal.waitFor();
  expect(await refusal.textContent()).toMatch(
    /hmi-2.*write setpoint.*Refused.*Above the limit: max 80, got 90.*rule setpoint/,
  );
  await refusal.focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: "Transaction 4" });
  const text = (await drawer.textContent()) ?? "";
  for (const part of ["max 80, got 90", "450010 / 0xC359 H", "10.0.0.5:49152", "01 illegal function", '"number": 4']) {
    expect(text).toContain(part);
  }
  await page.keyboard.press("ArrowDown");
  await page.getByRole("complementary", { name: "Transaction 3" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.getByRole("complementary", { name: /Transaction/ }).count()).toBe(0);
  expect(await page.locator(":focus").getAttribute("id")).toBe("transaction-3");
});

systemTest(["chromium"], "filters find what matters", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  site.run(24);
  await page.goto(http.address);
  await rows(page).first().waitFor();
  await page.getByRole("button", { name: /Refused only/ }).click();
  await expect.poll(() => page.locator('[data-verdict="permitted"]').count()).toBe(0);
  await page.getByRole("combobox", { name: "Device" }).selectOption("meter");
  await expect.poll(() => rows(page).count()).toBe(2);
  await page.getByRole("searchbox", { name: "Who" }).fill("nobody at all");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect.poll(() => page.locator('[data-verdict="permitted"]').count()).toBeGreaterThan(0);
  await page.keyboard.press("/");
  await page.keyboard.type("0x0034");
  await expect.poll(() => page.locator("[data-point]").count()).toBe(1);
});

systemTest(["chromium"], "a paused page stands still and says so", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  site.run(3);
  await page.goto(http.address);
  await rows(page).first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  site.run(4);
  await page.getByText("Paused. 4 transactions have happened since.").waitFor();
  expect(await rows(page).count()).toBe(3);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => rows(page).count()).toBe(7);
});

systemTest(["chromium"], "ten thousand transactions are a page of a few rows", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  await page.goto(http.address);
  await pointRow(page, "voltage_l1").waitFor();
  for (let round = 0; round < 100; round++) {
    site.run(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await page.locator("#transaction-9999").waitFor();
  expect(await rows(page).count()).toBeLessThan(60);
  expect(await page.getByRole("region", { name: "Transactions" }).textContent()).toMatch(/last (1|2),\d{3}/);
  site.drop(1234);
  await page.getByText(/^\d,\d{3} dropped$/).waitFor();
});

systemTest(["chromium"], "a list that was scrolled stands still, and counts what is new", async ([path], context) => {
  const { site, http, page } = await stage(path, context);
  site.run(150);
  await page.goto(http.address);
  await page.locator("#transaction-149").hover();
  await page.mouse.wheel(0, 900);
  await page.locator("#transaction-149").waitFor({ state: "detached" });
  const before = await rows(page).first().getAttribute("id");
  site.run(6);
  await page.getByRole("button", { name: "6 new" }).click();
  expect(before).not.toBe("transaction-155");
  await page.locator("#transaction-155").waitFor();
});

systemTest(
  ["chromium"],
  "what is lost is said to be lost, and a new start to need its token",
  async ([path], context) => {
    const { site, http, page } = await stage(path, context);
    site.run(3);
    await page.goto(http.address);
    await rows(page).first().waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await http.close();
    await page.getByRole("alert").waitFor();
    expect(await rows(page).count()).toBe(3);
    const again = await startHttp({
      view: site,
      registry: sampleRegistry,
      policy: samplePolicy,
      approvals: () => [],
      audit: sampleAudit,
      listen: http.url,
      consoleDir,
      random: randomBytes,
    });
    context.onTestFinished(() => again.close());
    await page.getByRole("heading", { name: "The session has ended" }).waitFor();
    // The session is the browser's: another tab that showed its end goes on as soon as somebody looks at it.
    const other = await page.context().newPage();
    await other.goto(http.url);
    await other.getByRole("heading", { name: "Open the address" }).waitFor();
    await page.goto(again.address);
    await rows(page).first().waitFor();
    await other.locator("html").evaluate((root) => {
      root.ownerDocument.dispatchEvent(new Event("visibilitychange"));
    });
    await rows(other).first().waitFor();
  },
);

systemTest(["chromium"], "everything fits a laptop, in both schemes, with the drawer open", async ([path], context) => {
  for (const colorScheme of ["light", "dark"] as const) {
    const { site, http, page } = await stage(path, context, { colorScheme, reducedMotion: "reduce" });
    site.run(48);
    await page.goto(http.address);
    await rows(page).first().click();
    await page.getByRole("complementary", { name: /Transaction/ }).waitFor();
    const sideways = page.locator("html, main *").evaluateAll((elements) =>
      elements
        .filter((element) => {
          const { overflowX } = element.ownerDocument.defaultView.getComputedStyle(element);
          return element.tagName === "HTML" || overflowX === "auto" || overflowX === "scroll";
        })
        .filter((element) => element.scrollWidth > element.clientWidth)
        .map((element) => element.className),
    );
    expect(await sideways).toEqual([]);
    expect(await page.locator("html").evaluate((root) => root.ownerDocument.getAnimations().length)).toBe(0);
  }
});

systemTest(
  ["chromium"],
  "identities: who waits, who is registered, keys, and who was refused",
  async ([path], context) => {
    const { http, page, complaints } = await stage(path, context);
    await page.goto(http.address);
    await page.getByRole("button", { name: "Identities" }).click();
    const waiting = page.locator('[data-identity="panel"]');
    await waiting.waitFor();
    expect(await waiting.textContent()).toContain("modwarden identity approve panel");
    expect(await page.locator('[data-identity="hmi-2"]').textContent()).toContain("Operator");
    expect(await page.locator('[data-key="5M3Y0RKT"]').textContent()).toContain("3 of 8");
    const refusal = page.locator('[data-refusal="VV47GPHC"]');
    expect(await refusal.textContent()).toContain("used-up");
    if (process.env["SCREENSHOT"] !== undefined) await page.screenshot({ path: process.env["SCREENSHOT"] });
    await page.getByRole("button", { name: "Line" }).click();
    await pointRow(page, "voltage_l1").waitFor();
    expect(complaints).toEqual([]);
  },
);
