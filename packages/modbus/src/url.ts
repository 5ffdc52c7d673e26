import { BadUrlError } from "./errors.ts";
import { type SerialSettings, serialParameters, serialSettings } from "./serial-settings.ts";

export type Scheme = "tcp" | "tls" | "udp" | "unix" | "rtu" | "ascii" | "rtutcp" | "asciitcp";

/**
 * Where a Modbus peer is. `host` is without brackets, and empty for a serial line and a Unix socket; `port` is 0 for
 * "any free one".
 */
export interface ModbusUrl {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  /** The unit (0-255) that requests go to when nothing else says one. */
  readonly unit?: number;
  /** The path of the serial device or of the Unix socket. */
  readonly path?: string;
  /** Speed and character form of a serial line, with the specification's defaults filled in. */
  readonly serial?: SerialSettings;
  /** Everything behind `?`, as written. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Port 502 is registered for Modbus, 802 for Modbus/TCP Security; serial framing over TCP has no registered port. */
const defaultPorts: Readonly<Record<Scheme, number | undefined>> = {
  tcp: 502,
  tls: 802,
  udp: 502,
  unix: 0,
  rtu: 0,
  ascii: 0,
  rtutcp: undefined,
  asciitcp: undefined,
};

/**
 * Reads `modbus+tcp://host:502?unit=1` and its kin.
 * Throws `ModbusError` `ERR_MODBUS_BAD_URL` for anything that does not name one endpoint without doubt.
 */
export function parseModbusUrl(text: string): ModbusUrl {
  const fail = (reason: string): never => {
    throw new BadUrlError(`${JSON.stringify(text)} is not a Modbus URL: ${reason}`);
  };
  const match = /^modbus\+([a-z]+):\/\//.exec(text);
  const scheme = match?.[1];
  if (!isScheme(scheme)) {
    return fail(
      `it has to begin with one of ${Object.keys(defaultPorts)
        .map((name) => `modbus+${name}://`)
        .join(", ")}`,
    );
  }
  if (/[\s\\]/.test(text)) return fail("it holds white space or a backslash");
  if (!URL.canParse(text)) return fail("host or port cannot be read (IPv6 addresses stand in brackets)");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return fail("it must not hold a user name or password");
  if (url.hash !== "") return fail("it must not have a part behind #");

  const serial = scheme === "rtu" || scheme === "ascii";
  const parameters = readParameters(url, serial ? ["unit", ...serialParameters] : ["unit"], fail);
  const unit = parameters["unit"] === undefined ? undefined : readUnit(parameters["unit"], fail);
  const common = { scheme, parameters, ...(unit === undefined ? {} : { unit }) };

  if (serial) {
    const path = readPath(url, "a serial line", "/dev/ttyUSB0", fail);
    return { ...common, host: "", port: 0, path, serial: serialSettings(scheme, parameters, fail) };
  }
  if (scheme === "unix") {
    return { ...common, host: "", port: 0, path: readPath(url, "a Unix socket", "/run/modbus.sock", fail) };
  }
  if (url.hostname === "") return fail("the host is missing");
  if (url.pathname !== "" && url.pathname !== "/") return fail("it must not have a path");
  const port = url.port === "" ? defaultPorts[scheme] : Number(url.port);
  if (port === undefined) return fail(`modbus+${scheme} has no default port: name one`);
  return { ...common, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** What a caller gave as an endpoint: a URL's text, or what has been read of one. */
export function endpointOf(url: string | ModbusUrl): ModbusUrl {
  if (typeof url === "string") return parseModbusUrl(url);
  if (typeof url === "object" && url !== null && isScheme(url.scheme)) return url;
  throw new BadUrlError(`a Modbus URL is text such as modbus+tcp://host:502, or what parseModbusUrl gives, not ${url}`);
}

/** The URL as text, such that `parseModbusUrl` gives the same value back. */
export function formatModbusUrl(url: ModbusUrl): string {
  const query = Object.entries(url.parameters).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  if (url.unit !== undefined && url.parameters["unit"] === undefined) query.unshift(`unit=${url.unit}`);
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const place = url.path === undefined ? `${host}:${url.port}` : encodePath(url.path);
  return `modbus+${url.scheme}://${place}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** `#` and `?` would end the path of a URL, and a `%` begin an escape. */
function encodePath(path: string): string {
  return encodeURI(path).replaceAll("#", "%23").replaceAll("?", "%3F");
}

function readPath(url: URL, what: string, example: string, fail: (reason: string) => never): string {
  if (url.host !== "") return fail(`${what} has a path and no host: ${url.protocol}//${example}`);
  if (url.pathname.length < 2) return fail(`the path of ${what} is missing: ${url.protocol}//${example}`);
  const path = decodePath(url.pathname) ?? fail("its path holds an escape that is no UTF-8");
  return path.includes("\0") ? fail("its path holds a zero byte") : path;
}

/** For people: `192.0.2.7:502`, `[2001:db8::7]:502`, or the path of a serial device or Unix socket. */
export function placeOf(url: ModbusUrl): string {
  return url.path ?? `${url.host.includes(":") ? `[${url.host}]` : url.host}:${url.port}`;
}

function decodePath(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function isScheme(text: string | undefined): text is Scheme {
  return text !== undefined && Object.hasOwn(defaultPorts, text);
}

/** An unknown parameter is an error: a misspelt one must never be ignored in silence. */
function readParameters(url: URL, known: readonly string[], fail: (reason: string) => never): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    if (!known.includes(key))
      fail(`it does not know the parameter ${JSON.stringify(key)} (known: ${known.join(", ")})`);
    if (Object.hasOwn(parameters, key)) fail(`the parameter ${key} stands there twice`);
    parameters[key] = value;
  }
  return parameters;
}

function readUnit(text: string, fail: (reason: string) => never): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255)
    fail(`unit has to be a number from 0 to 255, not ${JSON.stringify(text)}`);
  return Number(text);
}
