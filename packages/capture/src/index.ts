/** Recorded traffic to transactions: pcap, TCP reassembly, request and response pairing. */
export type { CapturedItem, CapturedTransaction, MalformedInput } from "./item.ts";
export type { CaptureOptions } from "./options.ts";
export { type CaptureDamage, CaptureError, type Packet, type PcapFile, readPcap } from "./packet/pcap.ts";
export type { CaptureStatistics } from "./statistics.ts";
export { type CapturedTraffic, readTransactions } from "./transactions.ts";
