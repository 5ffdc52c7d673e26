/** What a test needs of a site: one plain point, device and transaction, with what differs given. */
import type { DeviceView, LiveTransaction, PointView, SiteStatus } from "../api/wire.ts";

export function point(given: Partial<PointView> = {}): PointView {
  return {
    id: "setpoint",
    table: "holding",
    address: 50009,
    unit: "%",
    type: "u16",
    access: "rw",
    labels: ["setpoint"],
    value: 40,
    text: "40.0",
    raw: [6554],
    quality: "good",
    ageMs: 100,
    ...given,
  };
}

export function device(points: readonly PointView[], given: Partial<DeviceView> = {}): DeviceView {
  return {
    id: "drive",
    unit: 3,
    profile: "danfoss-fc51",
    vendor: "Danfoss",
    model: "FC51",
    address: "modbus+tcp://127.0.0.1:15020?unit=3",
    state: "up",
    lastAnswerAgeMs: 100,
    points,
    ...given,
  };
}

export function transaction(number: number, given: Partial<LiveTransaction> = {}): LiveTransaction {
  return {
    number,
    t: "2026-11-21T09:14:03.120Z",
    subject: { id: "hmi-2", role: "Operator" },
    location: { site: "demo", gateway: "gw1", source: "10.0.0.5:49152" },
    method: { transport: "tls", transaction: 7 },
    operation: { function: 6, name: "write-single-register" },
    accesses: [
      {
        device: "drive",
        unit: 3,
        table: "holding",
        address: 50009,
        quantity: 1,
        write: true,
        points: ["setpoint"],
        values: [6554],
      },
    ],
    decision: { permit: true, rules: ["setpoint"], policy: "3f9a61c07be24d18" },
    outcome: { latencyUs: 2310 },
    findings: [],
    ...given,
  };
}

export const status: SiteStatus = {
  site: "demo",
  gateway: "gw1",
  version: "0.1.0",
  startedAt: "2026-11-21T09:14:03.120Z",
  policy: { version: 7, hash: "3f9a61c07be24d18", mode: "enforce", roles: ["Operator"] },
  listeners: [],
  counters: {},
  audit: {
    records: 12,
    checkpointed: 12,
    failed: false,
    state: "working",
    checkpoint: { size: 12, t: "2026-11-21T09:14:04.120771Z" },
    segments: 1,
    bytes: 4_096,
    oldest: { seq: 0, t: "2026-11-21T09:14:03.120771Z" },
    freeBytes: 16e9,
    witnesses: [],
  },
  identity: { registered: 3, active: 3, unconfirmed: 0, pending: 0, refused: 0, undelivered: 0 },
};
