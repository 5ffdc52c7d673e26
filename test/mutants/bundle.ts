import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "vite";
import { conditions } from "../../vitest.shared.ts";

/** What a bundled test takes from outside: the session gives it its own. */
const HOSTED: ReadonlyMap<string, string> = new Map([
  ["vitest", "export const { describe, it, expect, vi } = $host.vitest;"],
  ["fast-check", "export default $host.fastCheck;"],
]);

/**
 * A test file with everything that it imports of the workspace, as one script: run anew, it loads every module anew, so
 * that a mutant in what a module does when it is loaded has its effect. The script's parameters are `require`,
 * `module`, `exports`, `$host`, `$mutant` and `$round`.
 */
export async function bundleTest(root: string, test: string, changed: ReadonlyMap<string, string>): Promise<string> {
  const sources = new Map([...changed].map(([path, code]) => [resolve(root, path), code]));
  const plugin: Plugin = {
    name: "mutants",
    enforce: "pre",
    resolveId: (id) => (HOSTED.has(id) ? `\0hosted:${id}` : null),
    // One script stands nowhere; its modules find their files where they are.
    transform: (code, id) => code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)),
    load: (id) => (id.startsWith("\0hosted:") ? (HOSTED.get(id.slice("\0hosted:".length)) ?? null) : sources.get(id)),
  };
  const built = await build({
    configFile: false,
    root,
    logLevel: "silent",
    plugins: [plugin],
    resolve: { conditions },
    ssr: { resolve: { conditions }, noExternal: [/^@modwarden\//] },
    build: {
      ssr: resolve(root, test),
      write: false,
      minify: false,
      target: "esnext",
      rolldownOptions: { output: { format: "cjs", codeSplitting: false } },
    },
  });
  const outputs = "output" in built ? built.output : [];
  const [script, ...more] = outputs;
  if (script?.type !== "chunk" || more.length > 0) throw new Error(`${test} does not become one script`);
  return script.code;
}
