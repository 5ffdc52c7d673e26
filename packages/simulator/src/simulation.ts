import {
  createServer,
  formatModbusUrl,
  type ListenOptions,
  parseModbusUrl,
  type ServerOptions,
} from "@modwarden/modbus";
import type { PointReading, PointValue, Table } from "@modwarden/profile";
import { plantHandler } from "./handler.ts";
import type { PlantDocument } from "./plant/document.ts";
import { Plant } from "./plant/plant.ts";

export interface SimulatorOptions {
  readonly plant: PlantDocument;
  /** URLs of any scheme; port 0 picks a free one. On lines the plant's units are answered, or the one that a URL names. */
  readonly listen: string | readonly string[];
  /** One seed, one course of events. Default 1. */
  readonly seed?: number;
  /** Milliseconds from any origin; default is the process's monotonic clock. */
  readonly now?: () => number;
  /** False: time passes only when `plant.step` is called. Default true. */
  readonly run?: boolean;
  /** Passed on to the server, such as `tls` for modbus+tls. */
  readonly server?: Omit<ServerOptions, "replies">;
}

/** A plant that is served. */
export interface Simulation extends AsyncDisposable {
  /** Where it listens, in the order asked for, with the actual ports. */
  readonly urls: readonly string[];
  readonly plant: Plant;
  /** What a point says now. A unit is named by its id or number. Throws RangeError for what is not there. */
  get(unit: number | string, point: string): PointReading;
  /** As if the device itself had it: also what clients may only read. A rule may set it again at the next step. */
  set(unit: number | string, point: string, value: PointValue): void;
  readRaw(unit: number | string, table: Table, address: number, quantity: number): Uint16Array;
  writeRaw(unit: number | string, table: Table, address: number, values: ArrayLike<number>): void;
  /** Stops time and listeners, and ends every connection. */
  close(): Promise<void>;
}

/** Late answers wait in the handler, so that more may be open than a device that answers at once would need. */
const OUTSTANDING = 64;

/** Others may share a line with the plant, so nothing is answered there for units that it does not have. */
function unitsOf(url: string, plant: Plant): ListenOptions {
  const named = parseModbusUrl(url).unit !== undefined;
  return named || plant.open ? {} : { units: plant.units.map(({ unit }) => unit) };
}

/**
 * Serves a plant. Rejects with ERR_MODBUS_BAD_URL, or ERR_MODBUS_NO_CONNECTION when an address cannot be taken; then
 * nothing is left open.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulation> {
  const { seed, now } = options;
  const plant = new Plant(options.plant, {
    ...(seed === undefined ? {} : { seed }),
    ...(now === undefined ? {} : { now }),
  });
  const closing = new AbortController();
  const server = createServer(plantHandler(plant, closing.signal), {
    outstanding: OUTSTANDING,
    ...options.server,
    // A late answer of one unit does not hold up the others behind the same address.
    replies: "ready",
  });
  const urls: string[] = [];
  try {
    for (const url of [options.listen].flat())
      urls.push(formatModbusUrl(await server.listen(url, unitsOf(url, plant))));
  } catch (error) {
    await server.close();
    throw error;
  }
  const timer = options.run === false || plant.still ? undefined : setInterval(() => plant.catchUp(), plant.stepMs);
  timer?.unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    closing.abort();
    await server.close();
  };
  return {
    urls,
    plant,
    get: (unit, point) => plant.get(unit, point),
    set: (unit, point, value) => plant.set(unit, point, value),
    readRaw: (unit, table, address, quantity) => plant.readRaw(unit, table, address, quantity),
    writeRaw: (unit, table, address, values) => plant.writeRaw(unit, table, address, values),
    close,
    [Symbol.asyncDispose]: close,
  };
}
