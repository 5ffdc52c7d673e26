import { Connections } from "./connections.ts";
import type { CapturedItem } from "./item.ts";
import type { CaptureOptions } from "./options.ts";
import { isReadableLink } from "./packet/link.ts";
import { CaptureError, type PcapFile, readPcap } from "./packet/pcap.ts";
import { readSegment } from "./packet/segment.ts";
import { Output } from "./pairing/output.ts";
import { type CaptureStatistics, type Counters, newCounters } from "./statistics.ts";

/** The items of a capture. `statistics` counts while they are iterated, and begins anew with each iteration. */
export interface CapturedTraffic extends Iterable<CapturedItem> {
  readonly statistics: CaptureStatistics;
}

/**
 * Reads a classic pcap file as Modbus/TCP transactions, in the order of their requests. What cannot be read is an item
 * or a count in `statistics`; memory depends on the bounds in `options` only, not on the length of the file.
 * Throws CaptureError when the file is no pcap, or of a link that is not read.
 */
export function readTransactions(bytes: Uint8Array, options: CaptureOptions = {}): CapturedTraffic {
  const file = readPcap(bytes);
  if (!isReadableLink(file.linkType))
    throw new CaptureError(
      `packets of link type ${file.linkType} are not read; Ethernet (1), raw IP (101) and Linux cooked (113, 276) are`,
    );
  let counters = newCounters();
  return {
    get statistics() {
      return counters;
    },
    [Symbol.iterator]() {
      counters = newCounters();
      return items(file, options, counters);
    },
  };
}

function* items(file: PcapFile, options: CaptureOptions, counters: Counters): Generator<CapturedItem, void, void> {
  const output = new Output(options.maxWaiting ?? 16_384, options.responseSeconds ?? 60);
  const connections = new Connections(options, output, counters);
  let now = Number.NEGATIVE_INFINITY;
  const packets = file.packets((damage) => {
    counters.malformed++;
    output.put({ kind: "malformed", ...damage }, now);
  });
  for (const packet of packets) {
    now = packet.time;
    counters.frames++;
    const segment = readSegment(file.linkType, packet);
    if (typeof segment === "string") counters[segment]++;
    else connections.take(segment);
    yield* taken(output, now);
  }
  connections.end();
  yield* taken(output, now);
}

function* taken(output: Output, now: number): Generator<CapturedItem, void, void> {
  for (let item = output.take(now); item !== undefined; item = output.take(now)) yield item;
}
