import { readFileSync } from "node:fs";
import { type CapturedTransaction, CaptureError, readTransactions } from "@modwarden/capture";
import type { Observation } from "@modwarden/policy";
import type { Site } from "@modwarden/server";
import { CliError } from "../frame/error.ts";
import { whyNot } from "../frame/files.ts";
import type { Past } from "./past.ts";

export interface CaptureFrom {
  readonly file: string;
  /** Servers are its devices, by the address at which each of them is. */
  readonly site: Pick<Site, "devices" | "profiles"> | undefined;
  /** Client address to role; a client that is not in it has a role of its own, named after its address. */
  readonly roles: ReadonlyMap<string, string>;
}

/** The requests of a capture. Nobody was refused, and nothing says who the clients are. */
export function pastOfCapture({ file, site, roles }: CaptureFrom): Past {
  const bytes = readCapture(file);
  const devices = new Map(
    (site?.devices ?? []).map((device) => [
      `${device.host.toLowerCase()}:${device.port} ${device.deviceUnit}`,
      { id: device.id, unit: device.unit, profile: site?.profiles.get(device.id) },
    ]),
  );
  const deviceOf = (server: string, unit: number) => devices.get(`${server} ${unit}`);
  const whereOf = (server: string, unit: number) => {
    const device = deviceOf(server, unit);
    return { device: device?.id ?? null, ...(device?.profile === undefined ? {} : { profile: device.profile }) };
  };
  const ports = [...new Set([502, ...(site?.devices ?? []).map(({ port }) => port)])];
  let passed = { malformed: 0, responses: 0 };
  return {
    name: `the capture ${file}`,
    hasRollups: false,
    unknown: ["id", "tags", "kind", "listener"],
    *observations() {
      passed = { malformed: 0, responses: 0 };
      for (const item of itemsOf(file, () => readTransactions(bytes, { ports, whereOf }))) {
        if (item.kind === "malformed") passed.malformed += 1;
        else if (item.requestFrame === null) passed.responses += 1;
        else yield observationOf(item, deviceOf(item.server, item.unit)?.unit ?? item.unit, roles);
      }
    },
    passedOver() {
      const parts = [
        ...(passed.malformed === 0 ? [] : [`${passed.malformed} places that are no Modbus`]),
        ...(passed.responses === 0 ? [] : [`${passed.responses} responses whose request is not in it`]),
      ];
      return parts.length === 0 ? undefined : parts.join(" and ");
    },
  };
}

function readCapture(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot read ${file}: ${whyNot(cause)}`, 2, { cause });
  }
}

/** Which of several files it is that cannot be read. */
function* itemsOf<Item>(file: string, items: () => Iterable<Item>): Generator<Item> {
  try {
    yield* items();
  } catch (cause) {
    if (!(cause instanceof CaptureError)) throw cause;
    throw new CliError(cause.code, `${file}: ${cause.message}`, 2, { cause });
  }
}

function observationOf(item: CapturedTransaction, unit: number, roles: ReadonlyMap<string, string>): Observation {
  const client = hostOf(item.client);
  const role = roles.get(client) ?? `client-${client.replaceAll(/[.:]/g, "-")}`;
  const atMs = Math.round(item.time * 1000);
  const [first] = item.accesses;
  const isMalformed = item.request === undefined;
  return {
    question: {
      // Nobody's name is known: the address stands for it.
      ...{ subject: client, role, transport: item.transport, source: item.client, unit },
      device: first?.device ?? null,
      functionCode: item.functionCode,
      ...(item.subfunction === undefined ? {} : { subfunction: item.subfunction }),
      accesses: item.accesses.map((access) => ({ ...access, unit })),
    },
    ...{ firstMs: atMs, lastMs: atMs, count: 1, server: item.server },
    // What cannot be read a gateway refuses, whatever the policy says.
    permitted: !isMalformed,
    ...(isMalformed ? { because: "malformed" } : {}),
    ...outcomeOf(item),
    ...(item.values === undefined ? {} : { values: item.values }),
  };
}

/** A response that does not fit its request says as little as none. */
function outcomeOf({ exception, matched, fault }: CapturedTransaction): Pick<Observation, "outcome" | "exception"> {
  if (exception !== null) return { outcome: "exception", exception };
  return { outcome: matched && fault === undefined ? "answered" : "unanswered" };
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(":"));
}
