import type { Transport } from "../link/link.ts";

/**
 * How a PDU is wrapped: with the header of Modbus/TCP, with address and CRC, or as characters between a colon and a
 * line feed. It follows from the URL's scheme, whatever carries the bytes.
 */
export type Framing = "mbap" | "rtu" | "ascii";

const framings: Readonly<Record<Transport, Framing>> = {
  tcp: "mbap",
  tls: "mbap",
  udp: "mbap",
  unix: "mbap",
  memory: "mbap",
  rtu: "rtu",
  rtutcp: "rtu",
  ascii: "ascii",
  asciitcp: "ascii",
};

export function framingOf(transport: Transport): Framing {
  return framings[transport];
}
