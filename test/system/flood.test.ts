/** A short form of `npm run flood`: what is permitted is answered and on record, whatever comes beside it. */
import { expect, it } from "vitest";
import { measureFlood } from "../../bench/flood/measure.ts";

it("a stranger's flood leaves every permitted write answered and on record, and the log small", async () => {
  const plan = { seconds: 3, connectionsPerSecond: 1_000, requestsPerSecond: 50_000, connections: 4 };
  const result = await measureFlood(plan);
  console.log(`flood: ${JSON.stringify(result)}`);
  expect(result.writes).toBeGreaterThan(0);
  expect(result.recorded).toBe(result.writes);
  expect(result.verified).toBe(true);
  expect(result.grownBytes).toBeLessThan(5_000_000);
  expect(result.connectionsPerSecond).toBeGreaterThan(0);
  expect(result.requestsPerSecond).toBeGreaterThan(0);
}, 120_000);
