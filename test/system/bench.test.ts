/** The bench of the protocol library runs, measures all of its servers and clients, and judges every bar. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { installPeers } from "../../scripts/peers.mjs";
import { systemTest } from "./support.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Series {
  readonly name: string;
  readonly load: string;
  readonly results: readonly ({ readonly perSecond: number; readonly cpuUs: number } | null)[];
  readonly failure?: string;
}

interface Document {
  readonly machine: { readonly node: string; readonly libmodbus: string | null };
  readonly servers: readonly Series[];
  readonly clients: readonly (Series & { readonly allocated: number })[];
  readonly bars: readonly { readonly what: string; readonly limit: number; readonly met?: boolean }[];
}

describe("the bench", () => {
  systemTest(["gcc"], "measures everything it names, in a run too short to mean anything", async () => {
    await installPeers();
    const arguments_ = ["bench/modbus/run.ts", "--json", "--rounds", "1", "--ms", "50"];
    const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, { cwd: root, encoding: "utf8" });
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    const { servers, clients, bars } = JSON.parse(stdout) as Document;
    for (const { name, load, results } of [...servers, ...clients]) {
      // jsmodbus answers the requests of one segment in another order than they came in.
      if (name === "jsmodbus" && load === "8 x 16") continue;
      const [result] = results;
      expect(result, `${name}, ${load}`).toEqual(expect.objectContaining({ perSecond: expect.any(Number) }));
      expect(result!.perSecond).toBeGreaterThan(100);
      expect(result!.cpuUs).toBeGreaterThan(0);
    }
    expect(new Set(servers.map(({ name }) => name)).size).toBeGreaterThanOrEqual(5);
    for (const { allocated } of clients) expect(allocated).toBeGreaterThan(100);
    expect(bars.length).toBeGreaterThanOrEqual(14);
    expect(bars.filter(({ what, met }) => met === undefined && !what.includes("libmodbus"))).toEqual([]);
  });

  systemTest(["gcc"], "says what it takes when it is asked for something else", () => {
    const { status, stderr } = spawnSync(process.execPath, ["bench/modbus/run.ts", "--rounds", "0"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stderr).toContain("--rounds");
  });
});
