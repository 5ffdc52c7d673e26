import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AuditLog,
  checkpointKey,
  compareWithWitness,
  Prover,
  parseCheckpoint,
  serialiseRecord,
} from "@modwarden/audit";
import { describe, expect, it, onTestFinished } from "vitest";
import { startReceiver } from "../syslog/testing/receiver.ts";
import { fileWitness } from "./file-witness.ts";
import { syslogWitness } from "./syslog-witness.ts";
import { withGrowth } from "./with-growth.ts";
import type { Witness, WitnessStatus } from "./witness.ts";
import { type WitnessEvent, WitnessLoop } from "./witness-loop.ts";
import { WitnessedLogs } from "./witnessed-logs.ts";

const GATEWAY = "gw1";

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-witness-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A log, its checkpoints going to one witness, and a clock for both. */
function witnessed(make: (folder: string, log: string) => Witness, patienceMs?: number) {
  const folder = temporary();
  const dir = join(folder, "audit");
  const clock = { ms: Date.UTC(2026, 10, 21, 12) };
  const openLog = (): AuditLog => AuditLog.open({ dir, site: "demo", gateway: GATEWAY, now: () => new Date(clock.ms) });
  const state = { log: openLog() };
  const events: WitnessEvent[] = [];
  const witness = make(folder, dir);
  const newLoop = (): WitnessLoop =>
    new WitnessLoop({
      witness,
      dir,
      everyMs: 10_000,
      monotonicMs: () => clock.ms,
      onEvent: (event) => events.push(event),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
  let loop = newLoop();
  return {
    folder,
    dir,
    clock,
    events,
    state,
    get loop() {
      return loop;
    },
    /** A process begins anew: nothing is remembered but what stands in files. */
    restart(): void {
      state.log = openLog();
      loop = newLoop();
    },
    write(records = 1): void {
      for (let number = 0; number < records; number += 1) {
        state.log.append(serialiseRecord("2026-11-21T12:00:00.000000Z", "finding", { number }));
      }
      state.log.checkpoint();
    },
    async step(): Promise<void> {
      clock.ms += 10_000;
      await loop.step(state.log.lastCheckpoint);
    },
    checkpoints: (): string[] => readFileSync(join(dir, "checkpoints.jsonl"), "utf8").trimEnd().split("\n"),
    /** Folder and keys as they are now; returns how to put them back, which nothing in the folder shows. */
    snapshot(): () => void {
      const kept = temporary();
      const both = ["audit", "audit-keys"];
      for (const name of both) cpSync(join(folder, name), join(kept, name), { recursive: true });
      return () => {
        for (const name of both) {
          rmSync(join(folder, name), { recursive: true });
          cpSync(join(kept, name), join(folder, name), { recursive: true });
        }
      };
    },
  };
}

function witnessLoop(witness: Witness, dir: string, monotonicMs: () => number): WitnessLoop {
  return new WitnessLoop({ witness, dir, everyMs: 10_000, monotonicMs, onEvent: () => undefined });
}

const place = (folder: string): string => join(folder, "witness.jsonl");
const byFile = (folder: string): Witness => fileWitness(place(folder));

/** The other gateway's part without the network between. */
function byGateway(folder: string, dir: string): Witness & { readonly told: string[]; readonly records: unknown[] } {
  const told: string[] = [];
  const records: unknown[] = [];
  const logs = new WitnessedLogs({
    dir: join(folder, "witnessed"),
    now: () => 0,
    record: (fields) => records.push(fields),
    onNotice: (text) => told.push(text),
  });
  return {
    told,
    records,
    name: "gateway",
    known: (log, epoch, thorough) => logs.known(GATEWAY, { log, epoch: thorough ? 0 : epoch }),
    async keep(checkpoints, after) {
      const shown = withGrowth(() => new Prover(dir), checkpoints, after);
      await logs.keep(GATEWAY, { key: checkpointKey(dir), checkpoints: shown });
    },
    stop: () => Promise.resolve(),
  };
}

describe.each([
  ["a file", byFile],
  ["another gateway", byGateway],
] as const)("%s as witness", (_what, make) => {
  it("gets the end of every epoch and the newest checkpoint, and what it missed while it was away", async () => {
    const { loop, clock, events, state, write, step, checkpoints, dir, folder } = witnessed(make);
    write(3);
    await step();
    expect(loop.status()).toMatchObject({ state: "working", size: state.log.size });
    for (let day = 0; day < 3; day += 1) {
      write();
      clock.ms += 86_400_000;
      write();
      write();
    }
    await step();
    expect(loop.status()).toMatchObject({ state: "working", size: state.log.size });
    expect(events).toEqual([{ event: "witness-begun", others: [] }]);
    const id = state.log.id;
    const file = make === byFile ? place(folder) : join(folder, "witnessed", GATEWAY, `${id}.jsonl`);
    const kept = readFileSync(file, "utf8").trimEnd().split("\n");
    // Exactly lines of the log, and no end of an epoch is missing.
    expect(checkpoints()).toEqual(expect.arrayContaining(kept));
    expect(kept.at(-1)).toBe(checkpoints().at(-1));
    const ends = checkpoints().filter((line) => !line.includes('"next":null'));
    expect(ends).toHaveLength(3);
    expect(kept).toEqual(expect.arrayContaining(ends));
    expect(existsSync(join(dir, "key.pub"))).toBe(true);
  });

  it("goes on after a restart, and has the end of a log that was closed", async () => {
    const site = witnessed(make);
    site.write(3);
    await site.step();
    site.state.log.close();
    await site.loop.finish(1000);
    expect(site.loop.status()).toMatchObject({ state: "working", size: site.state.log.size });
    site.restart();
    site.write();
    await site.step();
    expect(site.loop.status()).toMatchObject({ state: "working", size: site.state.log.size });
    expect(site.events).toEqual([{ event: "witness-begun", others: [] }]);
  });

  it.each([
    ["in the same epoch", 0],
    ["epochs ago", 2],
  ])("finds that the log was cut back, its keys too, to a checkpoint %s", async (_when, days) => {
    const site = witnessed(make);
    site.write(3);
    await site.step();
    const putBack = site.snapshot();
    for (let day = 0; day <= days; day += 1) {
      if (day > 0) site.clock.ms += 86_400_000;
      site.write(2);
      await site.step();
    }
    putBack();
    site.restart();
    // It is written on, and becomes longer than what the witness knows.
    site.write(20);
    await site.step();
    expect(site.events.at(-1)).toMatchObject({ event: "witness-mismatch", proven: true });
    expect(site.loop.status()).toMatchObject({ state: "differs" });
    const told = site.events.length;
    site.write();
    await site.step();
    expect(site.events).toHaveLength(told);
  });
});

describe("a witness", () => {
  it("that is away is said to be lost once, tried again later and later, and gets everything then", async () => {
    const site = witnessed(byFile);
    mkdirSync(place(site.folder));
    site.write();
    for (let time = 0; time < 4; time += 1) {
      await site.step();
      site.write();
    }
    expect(site.events).toMatchObject([{ event: "witness-lost" }]);
    expect(site.loop.status()).toMatchObject({ state: "lost", size: null });
    rmSync(place(site.folder), { recursive: true });
    // It is not asked again before its time: 10, 20, 40 seconds.
    await site.step();
    expect(site.events).toHaveLength(1);
    for (let time = 0; time < 4; time += 1) await site.step();
    expect(site.events.slice(1)).toMatchObject([{ event: "witness-begun" }, { event: "witness-resumed" }]);
    expect(site.loop.status()).toMatchObject({ state: "working", size: site.state.log.size });
  });

  it("that hangs is given up, and not asked again before it has let go", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let asked = 0;
    const hanging: Witness = {
      name: "hanging",
      known: () => Promise.resolve(undefined),
      keep: async () => {
        asked += 1;
        await promise;
      },
      stop: () => Promise.resolve(),
    };
    const site = witnessed(() => hanging, 20);
    site.write();
    await site.step();
    expect(site.events).toMatchObject([{ event: "witness-lost" }]);
    for (let time = 0; time < 3; time += 1) await site.step();
    expect(asked).toBe(1);
    resolve();
    await expect
      .poll(async () => {
        await site.step();
        return site.loop.status().state;
      })
      .toBe("working");
  });

  it("whose file is shared, torn or written into by others still tells the truth", async () => {
    const site = witnessed(byFile);
    const other = witnessed(byFile);
    other.write();
    writeFileSync(place(site.folder), `${other.checkpoints().join("\n")}\n{"torn":`);
    site.write();
    await site.step();
    expect(site.events).toEqual([{ event: "witness-begun", others: [other.state.log.id] }]);
    expect(readFileSync(place(site.folder), "utf8")).toContain(`{"torn":\n${site.checkpoints().at(-1)}\n`);
    const forged = site
      .checkpoints()
      .at(-1)!
      .replace(/"size":\d+/, '"size":999');
    appendFileSync(place(site.folder), `${forged}\n`);
    site.restart();
    await site.step();
    expect(site.events.slice(1)).toEqual([]);
    // Only lies: that is an alarm too, but not one that stops anything.
    writeFileSync(place(site.folder), `${forged}\n`);
    site.restart();
    await site.step();
    expect(site.events.slice(1)).toMatchObject([{ event: "witness-mismatch", proven: false }]);
    expect(site.loop.status()).toMatchObject({ state: "working", size: site.state.log.size });
  });
});

describe("a receiver of syslog as witness", () => {
  it("gets the lines as they stand, which show the attack as a file of a witness does", async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    const { port, authority, received } = receiver;
    const target = { host: "localhost", port, authority };
    const syslog = syslogWitness({ to: `tls://localhost:${port}`, target, host: "gw1.plant.example" });
    const site = witnessed(() => syslog);
    onTestFinished(() => syslog.stop());
    site.write(3);
    await site.step();
    const putBack = site.snapshot();
    site.clock.ms += 86_400_000;
    site.write(2);
    await site.step();
    expect(site.loop.status()).toMatchObject({ state: "working", size: site.state.log.size });
    const kept = (): string[] => received.map(({ text }) => text);
    await expect.poll(() => kept().at(-1)).toBe(site.checkpoints().at(-1));
    expect(site.checkpoints()).toEqual(expect.arrayContaining(kept()));
    expect(received[0]).toMatchObject({ type: "checkpoint", data: { log: site.state.log.id, epoch: "0" } });
    putBack();
    site.restart();
    site.write(9);
    expect(compareWithWitness(site.dir, kept())).toMatchObject({ kind: "differs" });
    // Away, it is lost; back, it gets the newest.
    await receiver.down();
    await expect.poll(async () => (await nextStep(site)).state).toBe("lost");
    await receiver.up();
    await expect.poll(async () => (await nextStep(site)).state).toBe("working");
    await expect.poll(() => kept().at(-1)).toBe(site.checkpoints().at(-1));
  });
});

async function nextStep(site: ReturnType<typeof witnessed>): Promise<WitnessStatus> {
  site.write();
  await site.step();
  return site.loop.status();
}

describe("what a gateway witnesses", () => {
  function witnessing() {
    const site = witnessed(byGateway);
    const told: string[] = [];
    const records: { readonly event?: unknown; readonly fault?: unknown }[] = [];
    const clock = { ms: 0 };
    const logs = new WitnessedLogs({
      dir: join(site.folder, "other"),
      now: () => clock.ms,
      record: (fields) => records.push(fields),
      onNotice: (text) => told.push(text),
    });
    /** Lines of the log in `dir` are shown, from those before them on. */
    const keep = async (lines: readonly string[], dir = site.dir, gateway = GATEWAY): Promise<unknown> => {
      const checkpoints = lines.flatMap((line) => parseCheckpoint(Buffer.from(line)) ?? []);
      const [before] =
        checkpoints.length === 0 ? [] : await logs.known(gateway, { log: checkpoints[0]!.log, epoch: 99 });
      const after = before === undefined ? undefined : parseCheckpoint(Buffer.from(before));
      const shown = withGrowth(() => new Prover(dir), checkpoints, after);
      const nothing = lines.map((line) => ({ line, growth: [] }));
      return await logs.keep(gateway, {
        key: checkpointKey(dir),
        checkpoints: shown.length === lines.length ? shown : nothing,
      });
    };
    return { ...site, told, records, logs, keep, clock };
  }

  it("is told to its own operator, and stands in its own log, when a gateway shows another past", async () => {
    const { write, snapshot, checkpoints, keep, told, records, state, folder, dir, logs } = witnessing();
    write(3);
    const putBack = snapshot();
    write(2);
    expect(await keep(checkpoints())).toEqual({ size: state.log.size });
    expect(records).toMatchObject([
      { event: "witnessing", others: [] },
      { event: "witnessed", size: state.log.size },
    ]);
    putBack();
    state.log = AuditLog.open({ dir, site: "demo", gateway: GATEWAY, now: () => new Date(Date.UTC(2026, 10, 21, 13)) });
    write();
    for (let time = 0; time < 3; time += 1) {
      await expect(keep([checkpoints().at(-1)!])).rejects.toMatchObject({ code: "ERR_WITNESS_CONFLICT" });
    }
    // Once a minute is enough.
    expect(records.slice(2)).toMatchObject([{ event: "witness-conflict" }]);
    expect(told).toHaveLength(1);
    // Another first key under the same name is another log.
    const key = checkpointKey(witnessed(byFile).dir);
    const shown = [{ line: checkpoints()[0]!, growth: [] }];
    await expect(logs.keep(GATEWAY, { key, checkpoints: shown })).rejects.toMatchObject({
      code: "ERR_WITNESS_CONFLICT",
    });
    expect(existsSync(join(folder, "other", GATEWAY))).toBe(true);
    expect(await logs.known(GATEWAY, { log: "0".repeat(32), epoch: 0 })).toEqual([]);
  });

  it("was away for longer than records are kept: it cannot be given the proof, and stays lost until it begins anew", async () => {
    const { clock, dir, state, events, ...site } = witnessed(byGateway);
    state.log.close();
    const day = 86_400_000;
    const retain = { ageMs: 2 * day };
    state.log = AuditLog.open({
      ...{ dir, site: "demo", gateway: GATEWAY, now: () => new Date(clock.ms), segmentMs: day, retain },
    });
    site.write(40);
    await site.step();
    for (let days = 0; days < 9; days += 1) {
      clock.ms += day;
      site.write(20);
      while (state.log.maintain());
    }
    expect(existsSync(join(dir, "tombstones.jsonl"))).toBe(true);
    await site.step();
    expect(events.at(-1)).toMatchObject({ event: "witness-lost", reason: expect.stringContaining("not kept") });
    rmSync(join(site.folder, "witnessed"), { recursive: true });
    const anew = witnessLoop(byGateway(site.folder, dir), dir, () => clock.ms);
    clock.ms += 10_000;
    await anew.step(state.log.lastCheckpoint);
    expect(anew.status()).toMatchObject({ state: "working", size: state.log.covered });
    // From there on it is given.
    site.write(5);
    clock.ms += 10_000;
    await anew.step(state.log.lastCheckpoint);
    expect(anew.status()).toMatchObject({ state: "working", size: state.log.covered });
  });

  it("is bounded: logs of a gateway, questions, and what is no checkpoint", async () => {
    const { keep, clock, write, checkpoints, logs } = witnessing();
    write();
    await keep(checkpoints());
    for (let number = 0; number < 3; number += 1) {
      const { checkpoints: others, dir: at } = witnessed(byFile);
      await keep(others(), at);
    }
    const fifth = witnessed(byFile);
    await expect(keep(fifth.checkpoints(), fifth.dir)).rejects.toMatchObject({
      code: "ERR_WITNESS_FULL",
    });
    await keep(fifth.checkpoints(), fifth.dir, "gw2");
    await expect(keep(["no checkpoint"])).rejects.toMatchObject({ code: "ERR_WITNESS_REQUEST" });
    const checkpoint = { line: fifth.checkpoints()[0]!, growth: [] };
    await expect(logs.keep("gw3", { key: "no key", checkpoints: [checkpoint] })).rejects.toMatchObject({
      code: "ERR_WITNESS_REQUEST",
    });
    await expect(
      (async () => {
        for (let time = 0; time < 200; time += 1) await keep(checkpoints().slice(-1));
      })(),
    ).rejects.toMatchObject({ code: "ERR_WITNESS_THROTTLED" });
    clock.ms += 60_000;
    expect(await keep(checkpoints().slice(-1))).toMatchObject({ size: expect.any(Number) });
  });
});
