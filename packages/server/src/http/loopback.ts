/** Until the console has accounts it listens on this machine alone; another address is an error when the site loads. */
import { isIPv4 } from "node:net";
import { ConsoleError } from "./errors.ts";

export interface ListenAddress {
  /** As `net.listen` takes it: IPv6 without brackets. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** 127.0.0.0/8 and ::1 (RFC 1122 § 3.2.1.3, RFC 4291 § 2.5.3). Names are not addresses. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}

/**
 * Reads `console.listen` of a site file, such as `http://127.0.0.1:8080`.
 * @throws ConsoleError ERR_CONSOLE_BAD_ADDRESS when it is no such address, ERR_CONSOLE_NOT_LOOPBACK when others could reach it.
 */
export function parseConsoleListen(listen: string): ListenAddress {
  const url = URL.canParse(listen) ? new URL(listen) : undefined;
  if (url === undefined || url.protocol !== "http:" || hasMore(url)) {
    throw new ConsoleError(
      "ERR_CONSOLE_BAD_ADDRESS",
      `The console's address ${JSON.stringify(listen)} is not of the form http://127.0.0.1:8080.`,
    );
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (host !== "localhost" && !isLoopbackAddress(host)) throw notLoopback(host);
  return { host, port: url.port === "" ? 80 : Number(url.port) };
}

function hasMore(url: URL): boolean {
  return url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "";
}

export function notLoopback(host: string): ConsoleError {
  return new ConsoleError(
    "ERR_CONSOLE_NOT_LOOPBACK",
    `The console cannot listen on ${host}: it has no accounts yet, so it listens on this machine alone. ` +
      "Use http://127.0.0.1:8080, and reach it from elsewhere through an SSH tunnel.",
  );
}

/** A host as it stands in a URL or a Host header. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
