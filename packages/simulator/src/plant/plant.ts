import type { PointReading, PointValue, Table } from "@modwarden/profile";
import { DeviceFaults } from "../device/device-faults.ts";
import { type Behaviour, compileBehaviour } from "../device/rules.ts";
import { SimulatedUnit } from "../device/unit.ts";
import { LineFaults } from "../line-faults.ts";
import { mix, seededRandom } from "../random.ts";
import { compileCouplings } from "./couplings.ts";
import type { PlantDocument, PlantUnit } from "./document.ts";

export interface PlantOptions {
  /** One seed, one course of events. Default 1. */
  readonly seed?: number;
  /** Milliseconds, from any origin, never going back. Only `catchUp` asks it. */
  readonly now?: () => number;
}

/** Steps of a plant whose devices say nothing else. */
const DEFAULT_STEP_MS = 100;
/** A host that slept does not make the plant run through its night in one go. */
const MAX_CATCH_UP_MS = 10_000;

interface Running {
  readonly behaviour: Behaviour;
  /** Milliseconds since the rules ran. */
  since: number;
}

/** Simulated devices together. Time passes only in `step` and `catchUp`; one seed and the same steps give the same values. */
export class Plant {
  readonly name: string;
  readonly deviceFaults: DeviceFaults = new DeviceFaults();
  readonly lineFaults: LineFaults;
  /** Milliseconds between two steps of the plant. */
  readonly stepMs: number;
  readonly #units = new Map<number, SimulatedUnit>();
  readonly #byId = new Map<string, SimulatedUnit>();
  readonly #elsewhere: PlantDocument["elsewhere"];
  readonly #before: Running[] = [];
  readonly #after: Running[] = [];
  readonly #couple: (t: number, dt: number) => void;
  readonly #now: () => number;
  #elapsedMs = 0;
  #pendingMs = 0;
  #caughtUpAt: number;

  /** Throws DocumentError when a rule or coupling cannot be run. */
  constructor(document: PlantDocument, options: PlantOptions = {}) {
    const seed = options.seed ?? 1;
    this.name = document.name;
    this.#elsewhere = document.elsewhere;
    this.#now = options.now ?? (() => performance.now());
    this.#caughtUpAt = this.#now();
    this.lineFaults = new LineFaults(document.faults, seed);
    for (const entry of document.units) this.#add(entry);
    const couplings = compileCouplings(document, this.#byId, seededRandom(mix(seed)));
    this.#couple = couplings.run;
    for (const { id, unit } of document.units) {
      const replaced = couplings.targets.get(id);
      const random = seededRandom(mix(seed) + unit);
      const behaviour = compileBehaviour(this.unit(id), this.deviceFaults, random, replaced ?? new Set());
      if (behaviour === undefined) continue;
      // What is coupled follows in the same step: its own rules see what the couplings set.
      (replaced === undefined ? this.#before : this.#after).push({ behaviour, since: 0 });
    }
    const steps = [...this.#before, ...this.#after].map(({ behaviour }) => behaviour.stepMs);
    this.stepMs = steps.length === 0 ? DEFAULT_STEP_MS : Math.min(...steps);
    this.#tick(0);
  }

  /** Nothing in it moves by itself. */
  get still(): boolean {
    return this.#before.length + this.#after.length === 0;
  }

  /** Simulated seconds since the start. */
  get t(): number {
    return this.#elapsedMs / 1000;
  }

  /** It has a device at every unit: those that nobody has put there are made when they are first asked for. */
  get open(): boolean {
    return this.#elsewhere !== undefined;
  }

  get units(): readonly SimulatedUnit[] {
    return [...this.#units.values()];
  }

  /** A unit by its number or name. Throws RangeError when there is none. */
  unit(which: number | string): SimulatedUnit {
    const unit = typeof which === "number" ? this.unitAt(which) : this.#byId.get(which);
    if (unit === undefined) throw new RangeError(`the plant ${this.name} has no unit ${which}`);
    return unit;
  }

  /** The device that answers for this unit. A memory is made when it is first asked for. */
  unitAt(unit: number): SimulatedUnit | undefined {
    const known = this.#units.get(unit);
    if (known !== undefined || this.#elsewhere === undefined) return known;
    if (!((unit >= 1 && unit <= 247) || unit === 255)) return undefined;
    return this.#add({ unit, id: `unit_${unit}`, profile: this.#elsewhere, set: {} });
  }

  /** Lets `ms` milliseconds pass. What is less than a step waits for the next call. */
  step(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time does not go back: ${ms} ms`);
    this.#pendingMs += ms;
    while (this.#pendingMs >= this.stepMs) {
      this.#pendingMs -= this.stepMs;
      this.#tick(this.stepMs);
    }
  }

  /** Lets pass what the clock says has passed, ten seconds at most. */
  catchUp(): void {
    const now = this.#now();
    const elapsed = now - this.#caughtUpAt;
    this.#caughtUpAt = now;
    this.step(Math.min(Math.max(elapsed, 0), MAX_CATCH_UP_MS));
  }

  get(unit: number | string, point: string): PointReading {
    const device = this.unit(unit);
    return device.reading(device.point(point));
  }

  /** As if the device itself had it: also what clients may only read. A rule may set it again at the next step. */
  set(unit: number | string, point: string, value: PointValue): void {
    const device = this.unit(unit);
    device.assign(device.point(point), value);
  }

  readRaw(unit: number | string, table: Table, address: number, quantity: number): Uint16Array {
    return this.unit(unit).registers.read(table, address, quantity);
  }

  writeRaw(unit: number | string, table: Table, address: number, values: ArrayLike<number>): void {
    this.unit(unit).registers.write(table, address, values);
  }

  #add({ unit: number, id, profile, set }: PlantUnit): SimulatedUnit {
    const unit = new SimulatedUnit(id, number, profile);
    const first = Object.entries({ ...profile.behaviour?.set, ...set });
    const isScale = ([name]: readonly [string, unknown]) => unit.point(name).type === "scaleFactor";
    // Scales first: what is written through them needs them.
    for (const [name, value] of first.filter(isScale)) unit.assign(unit.point(name), value);
    for (const [name, value] of first.filter((entry) => !isScale(entry))) unit.assign(unit.point(name), value);
    this.#units.set(number, unit);
    this.#byId.set(id, unit);
    return unit;
  }

  #tick(ms: number): void {
    this.#elapsedMs += ms;
    const { t } = this;
    for (const running of this.#before) advance(running, t, ms);
    this.#couple(t, ms / 1000);
    for (const running of this.#after) advance(running, t, ms);
  }
}

function advance(running: Running, t: number, ms: number): void {
  running.since += ms;
  if (ms > 0 && running.since < running.behaviour.stepMs) return;
  running.behaviour.run(t, running.since / 1000);
  running.since = 0;
}
