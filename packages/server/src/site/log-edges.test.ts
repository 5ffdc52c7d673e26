import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditLog, serialiseRecord } from "@modwarden/audit";
import type { IdentityEvent } from "@modwarden/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordOf } from "./identity-record.ts";
import { LogEdges } from "./log-edges.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "modwarden-edges-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function event(edge: number): IdentityEvent {
  return { edge, kind: "identity", event: "added", at: new Date(), id: `c${edge}` };
}

/** A log that holds the events up to `edge`, and much after them. */
function logWith(edge: number): void {
  const log = AuditLog.open({ dir, site: "test", gateway: "gw1", now: () => new Date() });
  for (let at = 1; at <= edge; at += 1) {
    const { time, kind, fields } = recordOf(event(at));
    log.append(serialiseRecord(time, kind, fields));
  }
  for (let at = 0; at < 100; at += 1) log.append(serialiseRecord("2026-11-21T12:00:00.000000Z", "finding", { at }));
  log.commit();
  log.close();
}

const edgesOf = (events: readonly IdentityEvent[]): number[] => events.map(({ edge }) => edge);

describe("LogEdges", () => {
  it("leaves out what the log has of what an earlier process left", () => {
    logWith(3);
    const edges = new LogEdges(dir);
    expect(edgesOf(edges.missing([event(2), event(3), event(4), event(5)], 5))).toEqual([4, 5]);
  });

  it("leaves out nothing where the log has none of them", () => {
    logWith(0);
    expect(edgesOf(new LogEdges(dir).missing([event(1), event(2)], 2))).toEqual([1, 2]);
  });

  it("does not look into the log for what this process has made", () => {
    // There is no log in the folder: to look would be an error.
    const edges = new LogEdges(join(dir, "none"));
    expect(edgesOf(edges.missing([event(8)], 7))).toEqual([8]);
    edges.added(event(8));
    expect(edgesOf(edges.missing([event(8), event(9)], 7))).toEqual([9]);
  });
});
