import type { Where } from "@modwarden/access";

export interface CaptureOptions {
  /** TCP ports of Modbus servers; 502 unless told. */
  readonly ports?: readonly number[];
  /** Which device answers as this unit of this server (`address:port`), and what its registers mean. */
  readonly whereOf?: (server: string, unit: number) => Pick<Where, "device" | "profile">;
  /** Seconds after which a request gets no response any more; 60 unless told. */
  readonly responseSeconds?: number;
  /** Connections that are followed at a time; 4096 unless told. The one that was silent for longest is forgotten. */
  readonly maxConnections?: number;
  /** Requests of one connection that wait for their responses; 256 unless told. The oldest is given up. */
  readonly maxOutstanding?: number;
  /** Items that wait because the first of them does; 16384 unless told. The first is given up. */
  readonly maxWaiting?: number;
}
