import type { BlamedWrite, KnownRegister } from "@modwarden/audit";
import { builtinProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { blameView, stateView } from "./views.ts";
import { blamedPlace } from "./what.ts";

const profile = builtinProfile("danfoss-fc51");
const setpoint = profile.point("setpoint")!;

describe("blamedPlace", () => {
  it("takes a point and knows its place from the profile, or takes a place", () => {
    const { table, address } = setpoint;
    expect(blamedPlace("setpoint", profile)).toEqual({
      point: "setpoint",
      place: { table, first: address, last: address },
    });
    expect(blamedPlace("setpoint", undefined)).toEqual({ point: "setpoint" });
    expect(blamedPlace("other", profile)).toEqual({ point: "other" });
    expect(blamedPlace("coil:3-7", profile)).toEqual({ place: { table: "coil", first: 3, last: 7 } });
    for (const what of ["holding:7-3", "holding:99999", "registers:1", "holding:"]) {
      expect(() => blamedPlace(what, profile)).toThrow(expect.objectContaining({ code: "ERR_AUDIT_QUESTION" }));
    }
  });
});

describe("what is found, with a profile", () => {
  const write = (before: number | null): BlamedWrite => ({
    seq: 5,
    t: "2026-11-21T12:00:00.000000Z",
    subject: {},
    source: "",
    operation: {},
    device: "drive",
    unit: 3,
    table: "holding",
    address: setpoint.address,
    points: ["setpoint"],
    before: [before],
    after: [8192],
    decision: {},
    outcome: "confirmed",
  });

  it("says of a write what it means, as far as that is known", () => {
    expect(blameView(write(null), undefined)).not.toHaveProperty("said");
    const { said } = blameView(write(null), profile);
    expect(said).toEqual({ setpoint: { before: null, after: expect.stringContaining("%") } });
    expect(blameView(write(0), profile).said?.["setpoint"]?.before).toBe("0 %");
    expect(blameView({ ...write(0), table: "coil" }, profile)).not.toHaveProperty("said");
  });

  it("says of a state how old it is, and what its points mean", () => {
    const at = 1_795_262_400_000_000;
    const register: KnownRegister = {
      table: "holding",
      address: setpoint.address,
      value: 8192,
      at: at - 2_500_000,
      seq: 7,
      by: "state",
      points: ["setpoint"],
    };
    const { registers, points } = stateView("drive", at, [register], profile);
    expect(registers).toMatchObject([{ value: 8192, ageMs: 2500, seq: 7, by: "state" }]);
    expect(registers[0]).not.toHaveProperty("at");
    expect(points).toMatchObject([{ id: "setpoint", text: expect.stringContaining("%"), ageMs: 2500, seqs: [7] }]);
    expect(stateView("drive", at, [register], undefined)).not.toHaveProperty("points");
  });
});
