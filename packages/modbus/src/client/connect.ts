import { ModbusError } from "@modwarden/protocol";
import { AbortedError } from "../errors.ts";
import { type ConnectLinkOptions, checkLinkOptions, connectLink } from "../link/connect.ts";
import { endpointOf, formatModbusUrl, type ModbusUrl } from "../url.ts";
import type { ReconnectOptions } from "./backoff.ts";
import { checkClientOptions } from "./check-options.ts";
import { type Client, type ClientOptions, clientOn } from "./client.ts";
import { ReconnectingClient } from "./reconnecting.ts";

export interface ConnectOptions extends ClientOptions, ConnectLinkOptions {
  /** Connects anew whenever the connection has ended. Default false. */
  readonly reconnect?: boolean | ReconnectOptions;
}

/**
 * Connects to a server: `modbus+tcp://host:502?unit=1`, `modbus+tls`, `modbus+udp`, `modbus+unix:///path`,
 * `modbus+rtu:///dev/ttyUSB0?baud=9600`, `modbus+ascii`, or serial framing over TCP with `modbus+rtutcp` and
 * `modbus+asciitcp`.
 * Rejects with `ERR_MODBUS_BAD_URL`, `ERR_MODBUS_BAD_VALUE` (an option that cannot be kept),
 * `ERR_MODBUS_NO_CONNECTION` (the peer cannot be reached, the serial port not opened), `ERR_MODBUS_NO_SERIALPORT` (the
 * package for serial ports is missing), `ERR_MODBUS_REFUSED` (TLS failed) or `ERR_MODBUS_ABORTED` (`signal`, which
 * concerns connecting only).
 * With `reconnect` this holds for the first connection too, unless it is `lazy`; from then on the client comes back by
 * itself, and requests that it has no connection for reject with `ERR_MODBUS_NO_CONNECTION`.
 * Over TLS 1.3 a server may refuse the client's certificate after this has resolved: the first request then rejects
 * with `ERR_MODBUS_REFUSED`.
 */
export async function connect(url: string | ModbusUrl, options: ConnectOptions = {}): Promise<Client> {
  const target = endpointOf(url);
  const unit = options.unit ?? target.unit;
  const settings = unit === undefined ? options : { ...options, unit };
  const { reconnect = false, signal } = options;
  checkClientOptions(settings);
  checkLinkOptions(target, options);
  if (typeof reconnect !== "boolean" && (typeof reconnect !== "object" || reconnect === null)) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", "reconnect has to be true, false or its options");
  }
  if (reconnect === false) return clientOn(await connectLink(target, options), settings);
  const plan = reconnect === true ? {} : reconnect;
  const client = new ReconnectingClient(
    {
      peer: formatModbusUrl(target),
      // What the caller's signal concerns is over with the first connection.
      dial: (closing) => connectLink(target, { ...options, signal: closing }),
      random: Math.random,
      now: () => performance.now(),
    },
    settings,
    plan,
  );
  if (plan.lazy === true) void client.attempt();
  else await firstConnection(client, signal);
  return client;
}

async function firstConnection(client: ReconnectingClient, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return client.first();
  const onAbort = (): void => void client.close();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    await client.first();
  } catch (error) {
    // The client's own closing has ended the attempt; what its caller did is the cause.
    if (signal.aborted) throw new AbortedError(`connecting to ${client.peer} was aborted`, { cause: signal.reason });
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
