import type { DeviceFingerprint } from "@modwarden/identity";
import { type ExceptionResponse, type Request, type Response, unpackBits } from "@modwarden/protocol";
import type { FingerprintPlan } from "../configuration.ts";
import { readOf, tableRead } from "../own-request.ts";

/** A device that goes on and on with its objects is not read to its end. */
const MOST_REQUESTS = 24;
const BASIC = 1;
const REGULAR = 2;
/** Exceptions by which a device says that it does not offer something. MODBUS Application Protocol V1.1b3 § 7 */
const NOT_OFFERED: ReadonlySet<number> = new Set([1, 2, 3]);

/** One reading of a device: which request is next, and what the answers come to. Reads only, one after the other. */
export class Reading {
  readonly #next: Request[];
  #objects: Record<string, string> | null | undefined;
  #serverId: string | null | undefined;
  readonly #registers: Record<string, readonly number[] | null> = {};
  #asked = 0;

  constructor({ objects, serverId, registers }: FingerprintPlan) {
    this.#next = [
      ...(objects ? [identification(BASIC, 0)] : []),
      ...(serverId ? [{ kind: "report-server-id" } as const] : []),
      ...registers.map(readOf),
    ];
  }

  /** Undefined when nothing is left to ask. */
  next(): Request | undefined {
    this.#asked += 1;
    return this.#asked > MOST_REQUESTS ? undefined : this.#next.shift();
  }

  /** False: what the device answers says nothing of what it is; the reading is worth nothing. */
  take(request: Request, response: Response | ExceptionResponse): boolean {
    if (response.kind === "exception") {
      if (!NOT_OFFERED.has(response.exception)) return false;
      this.#absent(request);
      return true;
    }
    if (response.kind === "read-device-identification" && request.kind === "read-device-identification") {
      this.#objects = { ...this.#objects };
      for (const { id, value } of response.objects) this.#objects[id] = Buffer.from(value).toString("latin1");
      if (response.moreFollows) this.#next.unshift(identification(request.readDeviceIdCode, response.nextObjectId));
      // Levels 2 and 3 have regular objects. MODBUS Application Protocol V1.1b3 § 6.21
      else if (request.readDeviceIdCode === BASIC && (response.conformityLevel & 0x7f) >= REGULAR) {
        this.#next.unshift(identification(REGULAR, 0));
      }
    } else if (response.kind === "report-server-id") {
      // The run indicator is 00 or FF, and stands where only the device's maker knows.
      this.#serverId = Buffer.from(response.data.map((byte) => (byte === 0xff ? 0 : byte))).toString("hex");
    } else if ("quantity" in request && "registers" in response) {
      this.#registers[placeOf(request)] = Array.from(response.registers);
    } else if ("quantity" in request && "bytes" in response) {
      this.#registers[placeOf(request)] = unpackBits(response.bytes, request.quantity).map(Number);
    } else return false;
    return true;
  }

  result(): DeviceFingerprint {
    return {
      ...(this.#objects === undefined ? {} : { objects: this.#objects }),
      ...(this.#serverId === undefined ? {} : { serverId: this.#serverId }),
      ...(Object.keys(this.#registers).length === 0 ? {} : { registers: this.#registers }),
    };
  }

  #absent(request: Request): void {
    if (request.kind === "report-server-id") this.#serverId = null;
    // Basic objects that were read already are what there is.
    else if (request.kind === "read-device-identification") this.#objects ??= null;
    else if ("quantity" in request) this.#registers[placeOf(request)] = null;
  }
}

function identification(readDeviceIdCode: number, objectId: number): Request {
  return { kind: "read-device-identification", readDeviceIdCode, objectId };
}

function placeOf(request: Request & { readonly quantity: number }): string {
  return `${tableRead(request) ?? request.kind} ${"address" in request ? request.address : 0} x ${request.quantity}`;
}
