/** A listener cannot be opened. The cause is what the system said. */
export class ListenError extends Error {
  readonly code = "ERR_LINE_LISTEN";

  constructor(url: string, cause: Error & { readonly code?: string }) {
    super(`${url}: ${hintOf(cause)}`, { cause });
    this.name = "ListenError";
  }
}

function hintOf({ code, message }: { readonly code?: string; readonly message: string }): string {
  switch (code) {
    case "EADDRINUSE":
      return "the port is in use: stop the program that has it, or choose another port in gateway.listen";
    case "EACCES":
      return "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE): grant it, or choose a higher port in gateway.listen";
    case "EADDRNOTAVAIL":
      return "this machine does not have that address: correct it in gateway.listen";
    default:
      return `cannot listen (${message})`;
  }
}
