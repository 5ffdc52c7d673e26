import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const runChild = new URL("../../apps/cli/bin/run-child.mjs", import.meta.url).href;
const main = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

/** What the launcher does under an old Node, here under this one: it runs the command in its own place. */
const launcher = `
import { runChild } from ${JSON.stringify(runChild)};
process.exitCode = await runChild(process.execPath, ["--conditions=@modwarden/source", ${JSON.stringify(main)}, ...process.argv.slice(1)], { lifeline: true });
`;

function launch(args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, ["--input-type=module", "-e", launcher, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function text(stream: NodeJS.ReadableStream | null): Promise<string> {
  let all = "";
  for await (const chunk of stream ?? []) all += String(chunk);
  return all;
}

describe("a command that a launcher runs in its place", () => {
  it("gives its output and exit code", async () => {
    const child = launch(["decode", "--pdu", "99"]);
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect(code).toBe(1);
    expect(output).not.toBe("");
  });

  it("ends with a launcher that is killed outright", async () => {
    const child = launch(["sim", "memory", "--listen", "modbus+tcp://127.0.0.1:0", "--json"]);
    const ended = once(child.stdout!, "end");
    await once(child.stdout!, "data");
    child.stdout!.resume();
    child.kill("SIGKILL");
    // The output ends when the last process that holds it has ended.
    await ended;
    expect(child.killed).toBe(true);
  });
});
