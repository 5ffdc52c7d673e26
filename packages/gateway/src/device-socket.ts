import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { fingerprintOf } from "@modwarden/identity";
import { secureContextOptions } from "@modwarden/modbus";
import type { DeviceConfiguration, TlsConfiguration } from "./configuration.ts";

const KEEP_ALIVE_MS = 15_000;

/**
 * Begins a connection to a device. Over TLS the gateway shows its certificate as a client; whether the device is the
 * one that is meant is for `strangerAt` to say, before anything is sent. It stands with "connect" or "secureConnect".
 */
export function openDeviceSocket(device: DeviceConfiguration, tls: TlsConfiguration | undefined): Socket {
  const { host, port, transport } = device;
  const socket = transport === "tls" ? openTls(device, tls) : createConnection({ host, port });
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

function openTls({ host, port }: DeviceConfiguration, tls: TlsConfiguration | undefined): Socket {
  if (tls?.link === undefined) throw new Error("a device that is reached over TLS needs a certificate of the gateway");
  const { link, authorities, crls = [], suites } = tls;
  return connectTls({
    ...secureContextOptions({
      key: link.key,
      cert: link.certificate,
      ca: authorities,
      ...(crls.length === 0 ? {} : { crl: crls }),
      ...(suites === undefined ? {} : { suites }),
    }),
    host,
    port,
    // It is known by its certificate, not by its name.
    checkServerIdentity: () => undefined,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // Verified all the same: what is wrong is asked for, and has its reason.
    rejectUnauthorized: false,
  });
}

/** Who answers on a connection that stands. */
export interface DevicePeer {
  /** SHA-256 of its certificate, hex. */
  readonly fingerprint: string;
  /** Why no authority of the site vouches for it. */
  readonly untrusted?: string;
}

/** Undefined where the connection is plain, and nobody can tell. */
export function peerOf(socket: Socket): DevicePeer | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { fingerprint: "", untrusted: "it shows no certificate" };
  const fingerprint = fingerprintOf(certificate.raw);
  if (socket.authorized) return { fingerprint };
  const { authorizationError: error } = socket as { readonly authorizationError?: Error | string };
  return { fingerprint, untrusted: String(error instanceof Error ? error.message : error) };
}
