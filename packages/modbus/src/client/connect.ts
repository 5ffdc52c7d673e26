import { AbortedError } from "../errors.ts";
import { type ConnectLinkOptions, connectLink } from "../link/connect.ts";
import { endpointOf, formatModbusUrl, type ModbusUrl } from "../url.ts";
import type { ReconnectOptions } from "./backoff.ts";
import { type Client, type ClientOptions, clientOn } from "./client.ts";
import { ReconnectingClient } from "./reconnecting.ts";

export interface ConnectOptions extends ClientOptions, ConnectLinkOptions {
  /** Connects anew whenever the connection has ended. Default false. */
  readonly reconnect?: boolean | ReconnectOptions;
}

/**
 * Connects to `modbus+tcp://host:502?unit=1` or `modbus+tls://host:802`.
 * Rejects with `ERR_MODBUS_BAD_URL`, `ERR_MODBUS_NO_CONNECTION` (the peer cannot be reached), `ERR_MODBUS_REFUSED`
 * (TLS failed) or `ERR_MODBUS_ABORTED` (`signal`, which concerns connecting only).
 * With `reconnect` this holds for the first connection too, unless it is `lazy`; from then on the client comes back by
 * itself, and requests that it has no connection for reject with `ERR_MODBUS_NO_CONNECTION`.
 * Over TLS 1.3 a server may refuse the client's certificate after this has resolved: the first request then rejects
 * with `ERR_MODBUS_REFUSED`.
 */
export async function connect(url: string | ModbusUrl, options: ConnectOptions = {}): Promise<Client> {
  const target = endpointOf(url);
  const settings = target.unit === undefined ? options : { unit: target.unit, ...options };
  const { reconnect = false, signal } = options;
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
