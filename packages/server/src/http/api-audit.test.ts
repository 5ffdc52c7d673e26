import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { AuditIndex, AuditLog, readProof, verifyProof } from "@modwarden/audit";
import { builtinProfile } from "@modwarden/profile";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerFrom } from "../audit-index/answer.ts";
import type { Look } from "../looks/look.ts";
import type { AuditView } from "./audit-view.ts";
import { bearer, useHarness } from "./testing/harness.ts";

const harness = useHarness();
const profile = builtinProfile("danfoss-fc51");
const { address } = profile.point("setpoint")!;
const folder = mkdtempSync(`${tmpdir()}/modwarden-server-`);
const dir = `${folder}/audit`;
const looks: Look[] = [];
let index: AuditIndex | undefined;
const opened = (): AuditIndex => {
  index ??= new AuditIndex({ dir });
  return index;
};
const view: AuditView = {
  ask: (question) => Promise.resolve(answerFrom(opened, question, () => 0)),
  looked: (look) => {
    looks.push(look);
    return Promise.resolve();
  },
  profile: (device) => (device === "drive" ? profile : undefined),
};

beforeAll(() => {
  const log = AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() });
  for (let number = 0; number < 5; number += 1) {
    const place = { device: "drive", unit: 3, table: "holding", address };
    const write = {
      subject: { id: number === 4 ? null : "hmi-2", role: "Operator" },
      operation: { function: 6, name: "write-single-register" },
      accesses: [{ ...place, quantity: 1, write: true, points: ["setpoint"], values: [8192] }],
      decision: { permit: number < 3, rules: ["setpoint"], policy: "a1b2" },
      outcome: { latencyUs: 5 },
    };
    log.append(`"t":"2026-11-21T13:00:0${number}.000000Z","kind":"transaction",${JSON.stringify(write).slice(1)}`);
  }
  log.close();
});
afterAll(() => {
  index?.close();
  rmSync(folder, { recursive: true });
});

/** The status and the body of an answer. */
async function get(
  path: string,
  audit: AuditView = view,
): Promise<{ readonly status: number; readonly text: string; readonly json: never }> {
  const http = await harness.start({ audit });
  const response = await fetch(`${http.url}api/v1/audit/${path}`, { headers: bearer(http) });
  const text = await response.text();
  await http.close();
  return { status: response.status, text, json: JSON.parse(text) as never };
}

describe("the log over the API", () => {
  test("is searched page by page, record by record as it stands there, and every look is on record", async () => {
    const lines = readFileSync(`${dir}/000000000000.jsonl`, "utf8").split("\n").slice(2, 7);
    const first = await get("search?kind=transaction&limit=3");
    expect(first.text).toContain(lines.slice(2).reverse().join(","));
    expect(first.json).toMatchObject({ next: 4, damaged: [] });
    expect(looks.splice(0)).toEqual([{ action: "search", query: { kind: "transaction" }, records: 3 }]);
    const second = await get("search?kind=transaction&limit=3&cursor=4");
    expect(second.text).toContain(lines.slice(0, 2).reverse().join(","));
    expect(second.json).toMatchObject({ next: null });
    const words = `subject=-&device=drive&address=${address}-${address + 1}&from=2026-11-21T13:00:00Z&to=2026-11-21T14:00:00%2B00:00`;
    expect((await get(`search?${words}&order=oldest`)).text).toContain(lines[4]);
    expect((await get("records/3")).text).toBe(lines[1]);
    expect((await get("records/99")).status).toBe(404);
    looks.splice(0);
    const { text } = await get("records/3/proof");
    const key = readFileSync(`${dir}/key.pub`, "utf8");
    expect(verifyProof(readProof(text, "proof.json"), { key })).toMatchObject({ ok: true, seq: 3, trust: "given" });
    expect(looks.splice(0)).toEqual([{ action: "prove", query: { seq: 3 }, records: 1 }]);
    expect((await get("records/99/proof")).status).toBe(404);
    looks.splice(0);
  });

  test("says who wrote something and what stood there, with what it means", async () => {
    const { json } = await get("blame?device=drive&what=setpoint&limit=2&since=2026-11-21T13:00:01Z");
    expect(json).toMatchObject({
      writes: [
        { seq: 4, outcome: "confirmed" },
        { seq: 3, said: { setpoint: {} } },
      ],
      next: null,
    });
    expect((await get("blame?device=drive&what=setpoint&refused=true&cursor=6&limit=1")).json).toMatchObject({
      writes: [{ seq: 5 }],
      next: 5,
    });
    const state = await get("state?device=drive&at=2026-11-21T13:00:01.500Z");
    expect(state.json).toMatchObject({
      registers: [{ address, value: 8192, ageMs: 500, seq: 3 }],
      points: [{ id: "setpoint" }],
    });
    expect((await get("state?device=meter")).json).toMatchObject({ device: "meter", registers: [] });
    expect(looks.splice(0).map(({ action }) => action)).toEqual(["blame", "blame", "state", "state"]);
  });

  test.each([
    "search?limit=0",
    "search?limit=501",
    "search?from=today",
    "search?address=x",
    "search?colour=red",
    "search?kind=none",
    "search?cursor=-1",
    "blame?device=drive",
    "blame?device=drive&what=holding:x",
    "state?device=drive&at=soon",
    "records/x",
  ])("%s is an error", async (path) => {
    expect((await get(path)).status).toBe(400);
    expect(looks).toEqual([]);
  });

  test("is not answered while there is no index, and nobody has looked then", async () => {
    // One that is made anew all the time.
    const behind: AuditView["ask"] = (question) =>
      Promise.resolve(
        answerFrom(() => ({ step: () => true, status: { records: 7 } }) as AuditIndex, question, slowClock()),
      );
    const refused: AuditView["ask"] = (question) =>
      Promise.resolve(
        answerFrom(
          () => new AuditIndex({ dir: `${folder}/none` }),
          question,
          () => 0,
        ),
      );
    for (const ask of [behind, refused, () => Promise.resolve(undefined)]) {
      const { status, json } = await get("search", { ...view, ask });
      expect([status, (json as { error: { code: string } }).error.code]).toEqual([503, "ERR_CONSOLE_BUSY"]);
    }
    expect(looks).toEqual([]);
  });
});

/** A clock that goes on a second each time it is looked at. */
function slowClock(): () => number {
  let ms = 0;
  return () => {
    ms += 1000;
    return ms;
  };
}
