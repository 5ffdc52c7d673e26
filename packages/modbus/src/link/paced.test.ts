import { toHex } from "@modwarden/protocol";
import { describe, expect, test } from "vitest";
import { VirtualTimers } from "../testing/virtual-timers.ts";
import { type LineOptions, lineTiming } from "./line-timing.ts";
import type { Link, LinkListener } from "./link.ts";
import { paced } from "./paced.ts";

/** At 1100 baud a character takes 10 ms, and the silence before a frame 35. */
const serial = { baud: 1100, dataBits: 8, parity: "even", stopBits: 1 } as const;

/** A paced link over one that only notes what happens to it. */
function line(options: LineOptions = {}) {
  const time = new VirtualTimers();
  const sent: string[] = [];
  const heard: string[] = [];
  const events: string[] = [];
  let listener: LinkListener | undefined;
  let takes = true;
  const inner: Link = {
    transport: "rtu",
    peer: "/dev/x",
    certificate: undefined,
    buffered: 0,
    open(given) {
      listener = given;
    },
    write(bytes) {
      sent.push(`${time.now()}: ${toHex(bytes)}`);
      return takes;
    },
    pause: () => events.push("pause"),
    resume: () => events.push("resume"),
    end: () => events.push(`${time.now()}: end`),
    destroy: () => events.push("destroy"),
  };
  const link = paced(inner, lineTiming("rtu", serial, options), time);
  link.open({
    received: (chunk) => heard.push(toHex(chunk)),
    finished: () => undefined,
    drained: () => events.push(`${time.now()}: drained`),
    closed: () => events.push("closed"),
  });
  return {
    link,
    time,
    sent,
    heard,
    events,
    hear: (...bytes: number[]) => listener!.received(Uint8Array.from(bytes)),
    listener: () => listener!,
    jam: () => {
      takes = false;
    },
  };
}

describe("a paced link", () => {
  test("writes at once on a line that is quiet, and after silence on one that was not", () => {
    const { link, time, sent, hear } = line();
    link.write(Uint8Array.of(1, 2));
    expect(sent).toEqual(["0: 0102"]);
    // Two characters take 20 ms to go out.
    time.pass(5);
    link.write(Uint8Array.of(3));
    time.pass(49);
    expect(sent).toHaveLength(1);
    time.pass(1);
    expect(sent[1]).toBe("55: 03");
    time.pass(100);
    hear(9);
    time.pass(10);
    link.write(Uint8Array.of(4));
    // What comes in the meantime starts the silence anew.
    time.pass(20);
    hear(9);
    time.pass(34);
    expect(sent).toHaveLength(2);
    time.pass(1);
    expect(sent[2]).toBe("220: 04");
  });

  test("speaks all the same on a line that is never quiet for longer than a frame", () => {
    const { link, time, sent, hear } = line();
    hear(9);
    link.write(Uint8Array.of(1));
    for (let at = 0; at < 5000 && sent.length === 0; at += 10) {
      time.pass(10);
      hear(9);
    }
    expect(sent).toEqual([`${35 + 2560 + 100}: 01`]);
  });

  test("keeps the order, ends behind what was written, and has a bound", () => {
    const { link, time, sent, events } = line();
    link.write(Uint8Array.of(1));
    link.write(Uint8Array.of(2));
    link.write(Uint8Array.of(3));
    expect(link.buffered).toBe(2);
    link.end();
    link.write(Uint8Array.of(4));
    time.pass(1000);
    expect(sent).toEqual(["0: 01", "45: 02", "90: 03"]);
    expect(events).toEqual(["90: end"]);

    const second = line();
    second.link.write(Uint8Array.of(1));
    expect(second.link.write(new Uint8Array(65_536))).toBe(true);
    expect(second.link.write(Uint8Array.of(1))).toBe(false);
    expect(second.events).toEqual([]);
    second.time.pass(1_000_000);
    expect(second.events).toEqual([expect.stringContaining("drained")]);
    second.jam();
    expect(second.link.write(Uint8Array.of(1))).toBe(false);
    second.listener().drained();
    expect(second.events).toHaveLength(2);
  });

  test("forgets what waits when the link ends", () => {
    const { link, time, sent, events, listener } = line();
    link.write(Uint8Array.of(1));
    link.write(Uint8Array.of(2));
    link.destroy();
    listener().closed(undefined);
    time.pass(1000);
    expect(sent).toHaveLength(1);
    expect(events).toEqual(["destroy", "closed"]);
  });

  test("takes out its own echo, however it is cut, and hands on what stands behind it", () => {
    const { link, heard, hear } = line({ echo: true });
    link.write(Uint8Array.of(1, 2, 3));
    hear(1);
    hear(2);
    expect(heard).toEqual([]);
    hear(3, 7, 8);
    expect(heard).toEqual(["0708"]);
    hear(9);
    expect(heard).toEqual(["0708", "09"]);
    expect(link.collisions).toBe(0);
  });

  test("an echo that is another than what was sent is a collision, and nothing of it is lost", () => {
    const { link, heard, hear, time } = line({ echo: true });
    link.write(Uint8Array.of(1, 2, 3));
    hear(1, 2);
    hear(4, 5);
    expect(heard.join("")).toBe("01020405");
    expect(link.collisions).toBe(1);
    time.pass(1000);
    // An adapter that has no echo after all is heard as well.
    for (let round = 0; round < 40; round += 1) {
      link.write(Uint8Array.of(1));
      time.pass(1000);
    }
    hear(7);
    expect(heard.at(-1)).toBe("07");
  });
});
