import { describe, expect, it } from "vitest";
import { builtinPlant, Plant } from "../index.ts";

function energyHall(seed = 1): Plant {
  return new Plant(builtinPlant("energy-hall"), { seed });
}
const value = (plant: Plant, unit: string, point: string) => {
  const reading = plant.get(unit, point);
  expect(reading.quality).toBe("good");
  return Number(reading.value);
};
const RUN = 1148;
const STOP = 1084;

describe("the drive of the energy hall", () => {
  it("comes to its setpoint in the time that its rate says: 10 Hz a second", () => {
    const plant = energyHall();
    plant.step(1000);
    expect(value(plant, "drive", "frequency")).toBeCloseTo(10, 0);
    plant.step(500);
    // 25 % of 50 Hz.
    expect(Math.abs(value(plant, "drive", "frequency") - 12.5)).toBeLessThanOrEqual(0.1);
    plant.set("drive", "setpoint", 100);
    plant.step(2000);
    expect(value(plant, "drive", "frequency")).toBeGreaterThan(32);
    expect(value(plant, "drive", "frequency")).toBeLessThan(33);
    plant.step(2000);
    expect(Math.abs(value(plant, "drive", "frequency") - 50)).toBeLessThanOrEqual(0.1);
  });

  it("stops when bit 6 of its control word is cleared, and says so", () => {
    const plant = energyHall();
    plant.step(5000);
    expect(plant.get("drive", "status_word").text).toBe("control_ready, drive_ready, remote_control, running");
    plant.set("drive", "control_word", STOP);
    plant.step(5000);
    expect(value(plant, "drive", "frequency")).toBe(0);
    expect(value(plant, "drive", "power")).toBe(0);
    expect(plant.get("drive", "status_word").text).toBe("control_ready, drive_ready, remote_control");
    plant.set("drive", "control_word", RUN);
    plant.step(5000);
    expect(value(plant, "drive", "frequency")).toBeGreaterThan(12);
  });

  it("stops with an alarm when it trips, and recovers", () => {
    const plant = energyHall();
    plant.step(5000);
    plant.deviceFaults.switch("drive", "trip", true);
    plant.step(5000);
    expect(value(plant, "drive", "frequency")).toBe(0);
    expect(plant.get("drive", "status_word").text).toBe("control_ready, alarm, remote_control");
    plant.deviceFaults.switch("drive", "trip", false);
    plant.step(5000);
    expect(value(plant, "drive", "frequency")).toBeGreaterThan(12);
    expect(() => plant.deviceFaults.switch("drive", "nobody", true)).toThrow(RangeError);
  });
});

describe("the energy hall over ten simulated minutes", () => {
  const plant = energyHall();
  const samples = Array.from({ length: 600 }, (_, second) => {
    if (second === 300) plant.set("drive", "setpoint", 80);
    plant.step(1000);
    const of = (name: string) => value(plant, ...(name.split(".") as [string, string]));
    return {
      total: of("meter.power_total"),
      phases: of("meter.power_l1") + of("meter.power_l2") + of("meter.power_l3"),
      balance: of("drive.power") + 2000 - of("inverter.power") - of("battery.power"),
      volts: [of("meter.voltage_l1"), of("meter.voltage_l2"), of("meter.voltage_l3")],
      hertz: of("meter.frequency"),
      amps: of("meter.current_l1"),
      imported: of("meter.energy_import"),
      exported: of("meter.energy_export"),
      sum: of("meter.energy_total"),
      sun: of("inverter.power"),
      yielded: of("inverter.energy"),
      battery: of("battery.power"),
      level: of("battery.level"),
    };
  });
  const each = <Key extends keyof (typeof samples)[number]>(key: Key) => samples.map((sample) => sample[key]);

  it("the meter follows drive, inverter and battery within the hall's noise", () => {
    for (const { total, balance, phases } of samples) {
      expect(Math.abs(total - balance)).toBeLessThanOrEqual(301);
      expect(phases).toBeCloseTo(total, 1);
    }
    const mean = (from: number) =>
      samples.slice(from, from + 290).reduce((sum, { total, balance }) => sum + total - balance, 0) / 290;
    expect(Math.abs(mean(0))).toBeLessThan(40);
    expect(Math.abs(mean(300))).toBeLessThan(40);
  });

  it("the grid is 230 V and 50 Hz", () => {
    for (const { volts, hertz } of samples) {
      for (const volt of volts) {
        expect(volt).toBeGreaterThan(228);
        expect(volt).toBeLessThan(232);
      }
      expect(Math.abs(hertz - 50)).toBeLessThan(0.1);
    }
  });

  it("currents are the apparent power over the voltage", () => {
    for (const { total, volts, amps } of samples) {
      expect(amps).toBeCloseTo(Math.abs(total) / 0.98 / 3 / volts[0]!, 2);
    }
  });

  it("counters never go back, and count what flowed", () => {
    for (const key of ["imported", "exported", "sum", "yielded"] as const) {
      const counts = each(key);
      expect(counts.every((count, index) => index === 0 || count >= counts[index - 1]!)).toBe(true);
    }
    const flowed = each("total").reduce((sum, watts) => sum + Math.max(0, watts), 0) / 3_600_000;
    const counted = samples.at(-1)!.imported - samples[0]!.imported;
    expect(flowed).toBeGreaterThan(0.05);
    expect(Math.abs(counted - flowed)).toBeLessThan(flowed * 0.1);
  });

  it("the sun is a wave of minutes", () => {
    expect(Math.max(...each("sun"))).toBeGreaterThan(3800);
    expect(Math.min(...each("sun"))).toBeLessThan(1200);
  });

  it("the battery's level falls while it supplies and rises while it charges", () => {
    const step = (from: number, to: number) => samples[to]!.level - samples[from]!.level;
    // Its power is a wave of 300 s.
    expect(Math.min(...each("battery").slice(10, 140))).toBeGreaterThan(0);
    expect(step(10, 140)).toBeLessThan(-0.2);
    expect(step(160, 290)).toBeGreaterThan(0.2);
  });
});

describe("time in a plant", () => {
  const all = (plant: Plant) =>
    plant.units.flatMap((unit) => unit.profile.points.map((point) => unit.reading(point).text));

  it("one seed and the same time give the same values, however it is divided", () => {
    const [one, other, different] = [energyHall(7), energyHall(7), energyHall(8)];
    one.step(10_000);
    for (let ms = 0; ms < 10_000; ms += 40) other.step(40);
    different.step(10_000);
    expect(all(other)).toEqual(all(one));
    expect(all(different)).not.toEqual(all(one));
  });

  it("stands still without a step, and follows the clock it was given", () => {
    let now = 5000;
    const plant = new Plant(builtinPlant("energy-hall"), { now: () => now });
    const before = all(plant);
    plant.catchUp();
    expect(all(plant)).toEqual(before);
    now += 1000;
    plant.catchUp();
    expect(plant.t).toBe(1);
    // A host that slept for an hour, and a clock that went back.
    now += 3_600_000;
    plant.catchUp();
    expect(plant.t).toBe(11);
    now -= 1000;
    plant.catchUp();
    expect(plant.t).toBe(11);
    expect(() => plant.step(-1)).toThrow(RangeError);
  });
});

describe("a plant's battery", () => {
  it("does what it is told, and not beyond its levels", () => {
    const plant = energyHall();
    plant.set("battery", "ems_mode", "forced");
    plant.set("battery", "forced_command", "charge");
    plant.set("battery", "forced_power", 4000);
    plant.step(5000);
    expect(value(plant, "battery", "power")).toBe(-4000);
    plant.set("battery", "forced_command", "discharge");
    plant.set("battery", "min_level", 59.5);
    plant.step(5000);
    expect(value(plant, "battery", "power")).toBe(4000);
    plant.step(120_000);
    expect(value(plant, "battery", "level")).toBeCloseTo(59.5, 1);
    expect(value(plant, "battery", "power")).toBe(0);
  });
});
