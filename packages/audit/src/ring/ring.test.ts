import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../testing/logs.ts";
import { ringDurable, ringRefused, ringState, whenDurable } from "./durable.ts";
import { createRing, HEAD, HEADER_BYTES, PUSHED_HIGH, PUSHED_LOW, TAIL } from "./layout.ts";
import { RingReader } from "./reader.ts";
import { RingWriter } from "./writer.ts";

const CAPACITY = 4096;

function pair(): { buffer: SharedArrayBuffer; writer: RingWriter; reader: RingReader } {
  const buffer = createRing(CAPACITY);
  return { buffer, writer: new RingWriter(buffer), reader: new RingReader(buffer) };
}

function texts(reader: RingReader, max = Number.POSITIVE_INFINITY): string[] {
  const list: string[] = [];
  reader.drain((bytes) => list.push(Buffer.from(bytes).toString()), max);
  return list;
}

describe("a ring", () => {
  it("gives back what was pushed, in order, whatever the turns and lengths", () => {
    const action = fc.oneof(
      fc.record({ push: fc.string({ unit: "grapheme", maxLength: 900 }) }),
      fc.record({ drain: fc.nat(6) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const { buffer, writer, reader } = pair();
        const model: string[] = [];
        let refused = 0;
        for (const step of actions) {
          if ("drain" in step) expect(texts(reader, step.drain)).toEqual(model.splice(0, step.drain));
          else if (writer.pushText(step.push)) model.push(step.push.toWellFormed());
          else refused++;
        }
        expect(texts(reader)).toEqual(model);
        expect(reader.drained).toBe(writer.pushed);
        expect(ringRefused(buffer)).toBe(refused);
        expect(reader.refused("room")).toBe(refused);
        expect(reader.empty).toBe(true);
      }),
    );
  });

  it("always has room for the largest record when it is empty, and never for a larger one", () => {
    const { buffer, writer, reader } = pair();
    const largest = new Uint8Array(writer.maxRecordBytes).fill(9);
    for (let start = 0; start < CAPACITY; start += 100) {
      expect(writer.push(new Uint8Array(96))).toBe(true);
      reader.drain(() => undefined, 1);
      expect(writer.push(largest)).toBe(true);
      let got = 0;
      reader.drain((bytes) => {
        got = bytes.length;
      }, 1);
      expect(got).toBe(largest.length);
    }
    expect(writer.push(new Uint8Array(writer.maxRecordBytes + 1))).toBe(false);
    expect(ringRefused(buffer)).toBe(1);
  });

  it("stops behind a record when it is told to, and loses none when a call throws", () => {
    const { writer, reader } = pair();
    for (const text of ["a", "b", "c"]) writer.pushText(text);
    expect(reader.drain(() => false, 10)).toBe(1);
    expect(() =>
      reader.drain(() => {
        throw new Error("stop");
      }, 10),
    ).toThrow("stop");
    expect(texts(reader)).toEqual(["c"]);
  });

  it("goes on when positions and counts pass 32 bits", () => {
    const buffer = createRing(CAPACITY);
    const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    words[HEAD] = -8;
    words[TAIL] = -8;
    words[PUSHED_LOW] = -1;
    words[PUSHED_HIGH] = 2;
    const writer = new RingWriter(buffer);
    const reader = new RingReader(buffer);
    expect(writer.pushed).toBe(3 * 2 ** 32 - 1);
    for (const text of ["one", "two", "three"]) expect(writer.pushText(text)).toBe(true);
    expect(writer.pushed).toBe(3 * 2 ** 32 + 2);
    expect(new RingWriter(buffer).pushed).toBe(3 * 2 ** 32 + 2);
    expect(texts(reader)).toEqual(["one", "two", "three"]);
    reader.publishDurable(3 * 2 ** 32 + 2);
    expect(ringDurable(buffer)).toBe(3 * 2 ** 32 + 2);
  });

  it("is bounded, and says what is no ring", () => {
    expect(createRing(1).byteLength).toBe(HEADER_BYTES + 4096);
    expect(createRing(5000).byteLength).toBe(HEADER_BYTES + 8192);
    expect(codeOf(() => new RingReader(new SharedArrayBuffer(8192)))).toBe("ERR_AUDIT_RING");
  });

  it("refuses a length that cannot be", () => {
    for (const length of [-5, 5000]) {
      const { buffer, writer, reader } = pair();
      writer.pushText("good");
      new Int32Array(buffer, HEADER_BYTES)[0] = length;
      expect(codeOf(() => reader.drain(() => undefined, 1))).toBe("ERR_AUDIT_RING");
    }
  });
});

describe("whenDurable", () => {
  it("is undefined for what is durable, else settles when it is", async () => {
    const { buffer, reader } = pair();
    reader.publishDurable(3);
    expect(whenDurable(buffer, 3)).toBeUndefined();
    let done = false;
    const wait = whenDurable(buffer, 5)?.then(() => {
      done = true;
    });
    reader.publishDurable(4);
    reader.publishDurable(4);
    await turn();
    expect(done).toBe(false);
    reader.publishDurable(5);
    await wait;
    expect(done).toBe(true);
  });

  it.each([
    ["stuck", "ERR_AUDIT_FULL"],
    ["failed", "ERR_AUDIT_FAILED"],
    ["stopped", "ERR_AUDIT_CLOSED"],
  ] as const)("rejects when the recorder is %s", async (state, code) => {
    const { buffer, reader } = pair();
    const wait = whenDurable(buffer, 1);
    reader.publishState(state);
    reader.publishState(state);
    await expect(wait).rejects.toMatchObject({ code });
    await expect(whenDurable(buffer, 1)).rejects.toMatchObject({ code });
    expect(ringState(buffer)).toBe(state);
  });
});

describe("waiting for records", () => {
  it("wakes once when one is pushed, and never when there is one", async () => {
    const { writer, reader } = pair();
    const first = Promise.withResolvers<void>();
    expect(reader.arm(first.resolve)).toBe(true);
    expect(reader.arm(() => expect.unreachable("armed twice"))).toBe(true);
    writer.pushText("a");
    writer.pushText("b");
    expect(reader.arm(() => expect.unreachable("there is one"))).toBe(false);
    await first.promise;
    texts(reader);
    const second = Promise.withResolvers<void>();
    expect(reader.arm(second.resolve)).toBe(true);
    writer.pushText("c");
    await second.promise;
  });

  it("wakes once for several that were pushed without, when it is told to", async () => {
    const { writer, reader } = pair();
    const woken = Promise.withResolvers<void>();
    let isWoken = false;
    expect(reader.arm(() => woken.resolve())).toBe(true);
    void woken.promise.then(() => {
      isWoken = true;
    });
    writer.pushText("a", false);
    writer.pushText("b", false);
    await turn();
    expect(isWoken).toBe(false);
    writer.wake();
    await woken.promise;
    expect(texts(reader)).toEqual(["a", "b"]);
  });

  it("can block the thread, for a time", () => {
    const { writer, reader } = pair();
    reader.waitPushed(1);
    expect(reader.empty).toBe(true);
    writer.pushText("a");
    reader.waitPushed(60_000);
    expect(texts(reader)).toEqual(["a"]);
  });

  it("passes records between threads, each side waiting for the other", async () => {
    const records = 20_000;
    const buffer = createRing(CAPACITY);
    const worker = new Worker(
      `import { workerData } from "node:worker_threads";
       const { RingWriter } = await import(workerData.writer);
       const { whenDurable } = await import(workerData.durable);
       const ring = new RingWriter(workerData.buffer);
       setInterval(() => undefined, 1000);
       for (let number = 0; number < workerData.records; ) {
         if (ring.pushText(String(number))) number++;
         else await whenDurable(workerData.buffer, ring.pushed);
       }`,
      {
        eval: true,
        execArgv: ["--input-type=module"],
        workerData: {
          buffer,
          records,
          writer: new URL("writer.ts", import.meta.url).href,
          durable: new URL("durable.ts", import.meta.url).href,
        },
      },
    );
    const reader = new RingReader(buffer);
    let next = 0;
    while (next < records) {
      await new Promise<void>((resolve) => reader.arm(resolve) || resolve());
      reader.drain((bytes) => {
        if (Buffer.from(bytes).toString() !== String(next)) expect.unreachable(`record ${next}`);
        next++;
      }, 100);
      reader.publishDurable(next);
    }
    await worker.terminate();
    expect(reader.drained).toBe(records);
  });
});
