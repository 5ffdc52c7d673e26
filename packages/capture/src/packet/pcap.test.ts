import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaptureDamage, CaptureError, readPcap } from "./pcap.ts";

function file(
  little: boolean,
  nano: boolean,
  packets: readonly { readonly at: readonly [number, number]; readonly bytes: Uint8Array }[],
): Buffer {
  const parts: Buffer[] = [];
  const numbers = (...values: readonly number[]): void => {
    const part = Buffer.alloc(4 * values.length);
    for (const [index, value] of values.entries())
      little ? part.writeUInt32LE(value, 4 * index) : part.writeUInt32BE(value, 4 * index);
    parts.push(part);
  };
  numbers(nano ? 0xa1b23c4d : 0xa1b2c3d4);
  numbers(little ? 0x00040002 : 0x00020004, 0, 0, 65_535, 1);
  for (const { at, bytes } of packets) {
    numbers(at[0], at[1], bytes.length, bytes.length + 4);
    parts.push(Buffer.from(bytes));
  }
  return Buffer.concat(parts);
}

function read(bytes: Uint8Array): { readonly frames: unknown[]; readonly damage: CaptureDamage[] } {
  const damage: CaptureDamage[] = [];
  const packets = [...readPcap(bytes).packets((found) => damage.push(found))];
  const frames = packets.map((packet) => ({ ...packet, bytes: [...packet.bytes] }));
  return { frames, damage };
}

describe("readPcap", () => {
  const packets = [
    { at: [1_352_718_180, 264_000] as const, bytes: Uint8Array.of(1, 2, 3) },
    { at: [1_352_718_181, 500_000] as const, bytes: Uint8Array.of() },
  ];

  it.each([
    [true, false],
    [false, false],
    [true, true],
    [false, true],
  ])("reads little-endian %s, nanoseconds %s", (little, nano) => {
    const bytes = file(little, nano, packets);
    expect(readPcap(bytes).linkType).toBe(1);
    const { frames, damage } = read(bytes);
    expect(damage).toEqual([]);
    expect(frames).toMatchObject([
      { frame: 1, time: 1_352_718_180 + 264_000 / (nano ? 1e9 : 1e6), bytes: [1, 2, 3], wireBytes: 7 },
      { frame: 2, wireBytes: 4 },
    ]);
  });

  it("keeps what stands before the damage, and says where that begins", () => {
    const bytes = file(true, false, packets);
    expect(read(bytes.subarray(0, 24 + 16 + 3 + 5))).toMatchObject({
      frames: [{ frame: 1 }],
      damage: [{ frame: 2, offset: 43 }],
    });
    bytes.writeUInt32LE(0xffffffff, 24 + 8);
    expect(read(bytes)).toMatchObject({ frames: [], damage: [{ frame: 1, offset: 24 }] });
  });

  it("refuses what is no capture", () => {
    expect(() => readPcap(new Uint8Array(10))).toThrow(CaptureError);
    expect(() => readPcap(new Uint8Array(100))).toThrow(CaptureError);
  });

  it("survives any bytes behind a good header", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        read(Buffer.concat([file(true, false, []), noise]));
      }),
    );
  });

  const capture = new URL("../../../../../shared/data/captures/zeek/modbusSmall.pcap", import.meta.url);
  it.skipIf(!existsSync(capture))(
    "counts the frames of a real capture (skipped where the shared captures are missing)",
    () => {
      const table = readFileSync(new URL("modbusSmall.tshark.tsv", capture), "utf8").trim().split("\n");
      const last = Math.max(...table.slice(1).map((row) => Number(row.split("\t")[0])));
      const { frames, damage } = read(readFileSync(capture));
      expect(damage).toEqual([]);
      expect(frames.length).toBeGreaterThanOrEqual(last);
    },
  );
});
