import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { DAY_MS } from "../context.ts";
import { enrolled } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";
import { renewAfter } from "./schedule.ts";

it("spreads renewals around two thirds of life, always the same for one certificate", async () => {
  await using site = await openSite();
  const days: number[] = [];
  for (let index = 0; index < 8; index += 1) {
    const { chain } = await enrolled(site, `hmi-${index}`);
    const after = renewAfter(new X509Certificate(chain));
    expect(renewAfter(new X509Certificate(chain))).toEqual(after);
    days.push((after.getTime() - site.clock) / DAY_MS);
  }
  expect(new Set(days).size).toBe(8);
  for (const day of days) expect(Math.abs(day - 60)).toBeLessThan(4.6);
});
