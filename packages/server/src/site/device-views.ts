import type { Table } from "@modwarden/access";
import type { DeviceConfiguration, DeviceStatus, ValueAnswer, ValueQuery } from "@modwarden/gateway";
import { decodePoint, type Point, type Profile } from "@modwarden/profile";
import type { DeviceState, DeviceView, PointView } from "../http/index.ts";

/** Older than this, a value is shown with its age instead of as the present. */
const STALE_MS = 10_000;

/** The registers to ask the line for: those of the device's points. */
export function valueQuery(device: string, profile: Profile): ValueQuery {
  return { device, ranges: profile.points.map(({ table, address, count }) => ({ table, address, quantity: count })) };
}

/** A device as the console shows it: value, quality and age are three things, and a failure never shows as 0 or blank. */
export function deviceView(
  device: DeviceConfiguration,
  profile: Profile | undefined,
  status: DeviceStatus | undefined,
  answer: ValueAnswer | undefined,
): DeviceView {
  const seen = new Map<string, { readonly value: number; readonly ageMs: number }>();
  for (const { table, address, value, ageMs } of answer?.values ?? [])
    seen.set(`${table} ${address}`, { value, ageMs });
  return {
    id: device.id,
    unit: device.unit,
    profile: profile?.name ?? "",
    vendor: profile?.device.vendor ?? "",
    model: profile?.device.model ?? "",
    address: `${device.host}:${device.port} unit ${device.deviceUnit}`,
    state: stateOf(status),
    lastAnswerAgeMs: status?.lastAnswerAgeMs ?? null,
    points: (profile?.points ?? []).map((point) =>
      pointView(profile, point, (table, address) => seen.get(`${table} ${address}`)),
    ),
  };
}

function stateOf(status: DeviceStatus | undefined): DeviceState {
  if (status === undefined) return "idle";
  if (status.state === "back-off") return "unreachable";
  if (status.silent > 0) return "silent";
  return status.lastAnswerAgeMs === null ? "idle" : "up";
}

function pointView(
  profile: Profile | undefined,
  point: Point,
  seen: (table: Table, address: number) => { readonly value: number; readonly ageMs: number } | undefined,
): PointView {
  const raw: number[] = [];
  let ageMs = 0;
  for (let at = point.address; at < point.address + point.count; at += 1) {
    const found = seen(point.table, at);
    if (found === undefined) break;
    raw.push(found.value);
    ageMs = Math.max(ageMs, found.ageMs);
  }
  const common = {
    id: point.id,
    table: point.table,
    address: point.address,
    ...(point.unit === undefined ? {} : { unit: point.unit }),
    type: point.type,
    order: point.order,
    access: point.access,
    labels: point.labels,
  };
  if (profile === undefined || raw.length < point.count) {
    return { ...common, value: null, text: "no value yet", raw: [], quality: "none", ageMs: null };
  }
  const reading = decodePoint(profile, point, (table, address) => seen(table, address)?.value);
  const value = typeof reading.value === "bigint" ? String(reading.value) : (reading.value ?? null);
  const quality = reading.quality !== "good" ? reading.quality : ageMs > STALE_MS ? "stale" : "good";
  return { ...common, value, text: withoutUnit(reading.text, point.unit), raw, quality, ageMs };
}

function withoutUnit(text: string, unit: string | undefined): string {
  return unit !== undefined && text.endsWith(` ${unit}`) ? text.slice(0, -unit.length - 1) : text;
}
