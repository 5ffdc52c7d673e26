import { type ConnectLinkOptions, connectLink } from "../link/connect.ts";
import { type ModbusUrl, parseModbusUrl } from "../url.ts";
import { type Client, type ClientOptions, createClient } from "./client.ts";

export interface ConnectOptions extends ClientOptions, ConnectLinkOptions {}

/**
 * Connects to `modbus+tcp://host:502?unit=1` or `modbus+tls://host:802`.
 * Rejects with `ERR_MODBUS_BAD_URL`, `ERR_MODBUS_NO_CONNECTION` (the peer cannot be reached), `ERR_MODBUS_REFUSED`
 * (TLS failed) or `ERR_MODBUS_ABORTED` (`signal`, which concerns connecting only).
 * Over TLS 1.3 a server may refuse the client's certificate after this has resolved: the first request then rejects
 * with `ERR_MODBUS_REFUSED`.
 */
export async function connect(url: string | ModbusUrl, options: ConnectOptions = {}): Promise<Client> {
  const target = typeof url === "string" ? parseModbusUrl(url) : url;
  const link = await connectLink(target, options);
  return createClient(link, target.unit === undefined ? options : { unit: target.unit, ...options });
}
