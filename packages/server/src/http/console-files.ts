/**
 * The built console, read once at the start. A request names a file of this table or nothing: there is no way from a
 * request's path to the file system, so none to climb.
 */
import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

export interface ConsoleFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content, so it never changes. */
  readonly immutable: boolean;
}

const MAX_FILES = 200;
const MAX_BYTES = 16 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Files by request path, `/` being the page; undefined when the console is not built. Throws when it is no console. */
export function loadConsoleFiles(directory: string): ReadonlyMap<string, ConsoleFile> | undefined {
  const entries = list(directory).filter((entry) => entry.isFile() && extname(entry.name) in types);
  if (entries.length > MAX_FILES) throw new RangeError(`${directory} holds more than ${MAX_FILES} files`);
  const files = new Map<string, ConsoleFile>();
  let total = 0;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const bytes = new Uint8Array(readFileSync(path));
    total += bytes.length;
    if (total > MAX_BYTES) throw new RangeError(`${directory} holds more than ${MAX_BYTES} bytes`);
    const name = `/${relative(directory, path).split(sep).join("/")}`;
    files.set(name === "/index.html" ? "/" : name, {
      bytes,
      type: types[extname(name)] ?? "application/octet-stream",
      etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      immutable: name.startsWith("/assets/"),
    });
  }
  return files.has("/") ? files : undefined;
}

function list(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** What `/` says from a checkout whose console was never built. */
export const notBuiltPage: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>modwarden</title>
<h1>modwarden is running</h1>
<p>The web console is not built. In the checkout, run</p>
<pre>npm run build</pre>
<p>and start modwarden again. The HTTP API under <code>/api/v1</code> works without it.</p>
</html>
`;
