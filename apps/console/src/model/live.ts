/** What the console knows of the site, as a value: every event makes a new one out of the last. */
import type { DeviceView, LiveEvent, LiveTransaction, PointView, SiteStatus } from "../api/wire.ts";

/** Transactions kept in the page; the audit log keeps them all. */
export const KEPT_TRANSACTIONS = 2000;

export interface Change {
  /** Milliseconds on this page's clock. */
  readonly at: number;
  readonly direction: "rose" | "fell" | "changed";
}

export interface KnownDevice {
  readonly view: DeviceView;
  /** When it was told, on this page's clock: ages count on from there. */
  readonly receivedAt: number;
  /** The last change of each point that has changed since the page was opened. */
  readonly changes: ReadonlyMap<string, Change>;
}

export interface Live {
  readonly status: SiteStatus | undefined;
  readonly devices: readonly KnownDevice[];
  /** Newest last, numbers rising. */
  readonly transactions: readonly LiveTransaction[];
  /** Transactions that happened and were never told to this page. */
  readonly dropped: number;
}

export const nothingYet: Live = { status: undefined, devices: [], transactions: [], dropped: 0 };

export function afterEvents(live: Live, events: readonly LiveEvent[], now: number): Live {
  let next = live;
  const transactions: LiveTransaction[] = [];
  for (const event of events) {
    switch (event.kind) {
      case "status":
        next = { ...next, status: event.status };
        break;
      case "devices":
        next = { ...next, devices: withDevices(next.devices, event.devices, now) };
        break;
      case "dropped":
        next = { ...next, dropped: next.dropped + event.count };
        break;
      case "transactions":
        transactions.push(...event.transactions);
    }
  }
  return transactions.length === 0
    ? next
    : { ...next, transactions: withTransactions(next.transactions, transactions) };
}

function withTransactions(
  known: readonly LiveTransaction[],
  told: readonly LiveTransaction[],
): readonly LiveTransaction[] {
  let newest = known.at(-1)?.number ?? -1;
  const fresh = told.filter(({ number }) => {
    if (number <= newest) return false;
    newest = number;
    return true;
  });
  return [...known, ...fresh].slice(-KEPT_TRANSACTIONS);
}

/** Devices keep the order in which the site first named them. */
function withDevices(known: readonly KnownDevice[], told: readonly DeviceView[], now: number): readonly KnownDevice[] {
  const byId = new Map(known.map((device) => [device.view.id, device]));
  for (const view of told) {
    const before = byId.get(view.id);
    byId.set(view.id, { view, receivedAt: now, changes: changesBetween(before, view, now) });
  }
  return [...byId.values()];
}

function changesBetween(before: KnownDevice | undefined, view: DeviceView, now: number): ReadonlyMap<string, Change> {
  if (before === undefined) return new Map();
  const old = new Map(before.view.points.map((point) => [point.id, point]));
  const changes = new Map(before.changes);
  for (const point of view.points) {
    const previous = old.get(point.id);
    if (previous !== undefined && hasChanged(previous, point)) {
      changes.set(point.id, { at: now, direction: directionOf(previous, point) });
    }
  }
  return changes;
}

/** A value that was read for the first time has not changed: there was none before. */
function hasChanged(before: PointView, after: PointView): boolean {
  return before.quality !== "none" && (before.value !== after.value || before.text !== after.text);
}

function directionOf(before: PointView, after: PointView): Change["direction"] {
  if (typeof before.value !== "number" || typeof after.value !== "number") return "changed";
  if (before.value === after.value) return "changed";
  return after.value > before.value ? "rose" : "fell";
}
