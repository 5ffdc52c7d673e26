/** Recorded traffic to transactions; so far, the packets of a classic pcap file. */
export { type CaptureDamage, CaptureError, type Packet, type PcapFile, readPcap } from "./pcap.ts";
