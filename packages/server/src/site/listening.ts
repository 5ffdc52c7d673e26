import { SiteError } from "./error.ts";

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use: stop the program that has it, or choose another port",
  EACCES: "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE): grant it, or choose a higher port",
  EADDRNOTAVAIL: "this machine does not have that address",
};

/** A server of the site that is starting to listen at `url`, as `key` of the site file says. Error: ERR_SITE_LISTEN */
export async function listening<T>(url: string, key: string, started: Promise<T>): Promise<T> {
  try {
    return await started;
  } catch (error) {
    const hint = error instanceof Error && "code" in error ? hints[String(error.code)] : undefined;
    if (hint === undefined) throw error;
    throw new SiteError("ERR_SITE_LISTEN", `${url} (${key}): ${hint}`, { cause: error });
  }
}
