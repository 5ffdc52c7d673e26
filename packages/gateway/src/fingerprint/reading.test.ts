import { describe, expect, it } from "vitest";
import { Reading } from "./reading.ts";

const nothing = { objects: false, serverId: false, registers: [], everyMs: 60_000 };

describe("a reading", () => {
  it("does not tell a running device from one that stands still", () => {
    const prints = [0xff, 0x00].map((indicator) => {
      const reading = new Reading({ ...nothing, serverId: true });
      const request = reading.next()!;
      expect(reading.take(request, { kind: "report-server-id", data: Uint8Array.of(9, indicator, 1) })).toBe(true);
      expect(reading.next()).toBeUndefined();
      return reading.result();
    });
    expect(prints).toEqual([{ serverId: "090001" }, { serverId: "090001" }]);
  });

  it("of a device that goes on and on ends", () => {
    const reading = new Reading({ ...nothing, objects: true });
    let asked = 0;
    for (let request = reading.next(); request !== undefined; request = reading.next()) {
      asked += 1;
      const more = { moreFollows: true, nextObjectId: asked, objects: [{ id: asked, value: Uint8Array.of(65) }] };
      reading.take(request, { kind: "read-device-identification", readDeviceIdCode: 1, conformityLevel: 1, ...more });
    }
    expect(asked).toBeLessThan(30);
  });

  it("of coils keeps them as bits, and what the device does not have as that", () => {
    const reading = new Reading({
      ...nothing,
      registers: [
        { table: "coil", address: 3, quantity: 3 },
        { table: "input", address: 9, quantity: 1 },
      ],
    });
    reading.take(reading.next()!, { kind: "read-coils", bytes: Uint8Array.of(0b101) });
    const last = reading.next()!;
    expect(reading.take(last, { kind: "exception", functionCode: 4, exception: 2 })).toBe(true);
    expect(reading.take(last, { kind: "exception", functionCode: 4, exception: 5 })).toBe(false);
    expect(reading.result()).toEqual({ registers: { "coil 3 x 3": [1, 0, 1], "input 9 x 1": null } });
  });
});
