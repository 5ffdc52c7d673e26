import type { IdentityView, KeyView, RefusalView, RegistryView } from "../registry-view.ts";

const identities: readonly IdentityView[] = [
  { id: "drive", kind: "device", role: null, state: "active", serial: "SN-0017", expires: null },
  { id: "gw1", kind: "gateway", role: null, state: "active", serial: null, expires: "2027-02-19T09:14:03.000Z" },
  { id: "hmi-2", kind: "client", role: "Operator", state: "active", serial: null, expires: "2026-12-02T09:14:03.000Z" },
  { id: "panel", kind: "client", role: "Viewer", state: "pending", serial: null, expires: null },
  {
    id: "scada",
    kind: "client",
    role: "Engineer",
    state: "suspended",
    serial: null,
    expires: "2027-02-19T09:14:03.000Z",
  },
];

const keys: readonly KeyView[] = [
  {
    id: "FN3JQ3WR",
    kind: "client",
    roles: ["Operator"],
    state: "used-up",
    uses: 1,
    used: 1,
    name: null,
    approval: "auto",
    expires: "2026-11-22T09:14:03.120Z",
    expiresInDays: null,
  },
  {
    id: "5M3Y0RKT",
    kind: "device",
    roles: [],
    state: "open",
    uses: 8,
    used: 3,
    name: null,
    approval: "manual",
    expires: "2026-11-28T09:14:03.120Z",
    expiresInDays: 7,
  },
];

const refusals: readonly RefusalView[] = [
  {
    edge: 41,
    time: "2026-11-21T09:14:09.310Z",
    reason: "used-up",
    correlation: "VV47GPHC",
    source: "10.0.0.5",
    key: "FN3JQ3WR",
    name: "hmi-3",
  },
  {
    edge: 40,
    time: "2026-11-21T09:12:44.002Z",
    reason: "throttled",
    correlation: "YPWHFXZ9",
    source: "10.0.0.77",
    key: null,
    name: null,
  },
];

/** A registry small enough for a test. */
export const sampleRegistry: RegistryView = {
  identities: () => Promise.resolve({ total: identities.length, identities }),
  keys: () => Promise.resolve({ total: keys.length, keys }),
  refusals: (limit) => Promise.resolve(refusals.slice(0, limit)),
};
