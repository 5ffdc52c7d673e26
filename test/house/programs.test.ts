import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as modbus from "@modwarden/modbus";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = join(root, "docs");

/** What the compiler says of programs that are the library's users. */
function errorsOf(programs: readonly (readonly [name: string, text: string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), "modwarden-programs-"));
  try {
    for (const [name, text] of programs) writeFileSync(join(folder, name), text);
    const room = (name: string): string => join(root, `packages/${name}/src/index.ts`);
    const compilerOptions = {
      noEmit: true,
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      typeRoots: [join(root, "node_modules/@types")],
      paths: {
        "@modwarden/modbus": [room("modbus")],
        "@modwarden/modbus/protocol": [room("protocol")],
        "@modwarden/protocol": [room("protocol")],
      },
    };
    const extended = join(root, "tsconfig.base.json");
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: extended, compilerOptions }));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const result = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
    return result.stdout + result.stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it("every program on a page is right TypeScript, as strict as the project's own", () => {
  const programs = readdirSync(docs)
    .filter((name) => name.endsWith(".md"))
    .flatMap((page) =>
      [...readFileSync(join(docs, page), "utf8").matchAll(/```ts\n(.*?)```\n```\n/gs)].map(
        ([, program = ""], index): [string, string] => [`${page.replace(".md", "")}-${index}.ts`, program],
      ),
    );
  const first = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
    ([, program = ""], index): [string, string] => [`README-${index}.ts`, program],
  );
  expect(programs.length).toBeGreaterThan(8);
  expect(first).toHaveLength(1);
  expect(errorsOf([...programs, ...first])).toBe("");
});

/** The cells of the tables on a page, without their header. */
function rowsOf(page: string): string[][] {
  const rows = [...readFileSync(join(docs, page), "utf8").matchAll(/^\| (.*) \|$/gm)];
  return rows.map(([, row = ""]) => row.split(" | "));
}

it("coming-from.md offers only what there is", async () => {
  const link = modbus.createMemoryLink();
  const memory = modbus.createMemoryHandler();
  await using server = modbus.createServer(memory);
  server.accept(link.server);
  await using client = modbus.createClient(link.client);
  const owners: Readonly<Record<string, object>> = { client, server, memory };
  // The first column is the other library's.
  const ours = rowsOf("coming-from.md").flatMap((cells) => cells.slice(1));
  const members = ours.flatMap((cell) => [...cell.matchAll(/\b(client|server|memory)\.([a-zA-Z0-9]+)/g)]);
  expect(members.length).toBeGreaterThan(40);
  expect(members.filter(([, owner = "", name = ""]) => !(name in owners[owner]!)).map(([text]) => text)).toEqual([]);
  const calls = ours.flatMap((cell) => [...cell.matchAll(/`(?:await )?((?:connect|create|route|answer)[a-zA-Z]*)\b/g)]);
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.filter(([, name = ""]) => !(name in modbus)).map(([text]) => text)).toEqual([]);
});

describe("the library's examples", () => {
  const folder = join(root, "examples/library");
  const flags = ["--conditions=@modwarden/source"];

  /** What a program prints until it ends. */
  function run(file: string, ...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [...flags, join(folder, file), ...args], { timeout: 15_000 }, (error, out, err) => {
        if (error === null && err === "") resolve(out);
        else reject(new Error(`${error?.message} ${out} ${err}`));
      });
    });
  }

  it("are right TypeScript and do what they say", async () => {
    expect(
      errorsOf(
        readdirSync(folder)
          .filter((name) => name.endsWith(".ts"))
          .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
      ),
    ).toBe("");
    const server = spawn(process.execPath, [...flags, join(folder, "server.ts"), "modbus+tcp://127.0.0.1:0"]);
    try {
      const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
      const url = /modbus\S+/.exec((await lines.next()).value ?? "")?.[0] ?? "";
      const [read, polled] = await Promise.all([run("read.ts", url), run("poll.ts", url, "6")]);
      expect(read.split("\n")).toEqual([
        expect.stringMatching(/^voltage 2(29|30|31) V$/),
        "speed Uint16Array(1) [ 1500 ]",
        "a speed that the drive cannot do: exception 4",
        "a register that is not there: exception 2",
        "a unit that is not there: exception 10",
        "no register at all: ERR_MODBUS_BAD_REQUEST",
        "",
      ]);
      expect(polled).toMatch(/^voltage = 2(29|30|31)\.\d+$/m);
      expect(polled).toMatch(/^nobody is bad \(ERR_MODBUS_EXCEPTION\), last value undefined, never read$/m);
      expect((await lines.next()).value).toMatch(/sets register 0 to 1500$/);
    } finally {
      server.kill();
    }
  });

  it.skipIf(process.platform !== "linux")("workers.ts: what one thread is told, all of them know", async () => {
    const server = spawn(process.execPath, [...flags, join(folder, "workers.ts"), "modbus+tcp://127.0.0.1:0"]);
    try {
      const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
      const url = /modbus\S+/.exec((await lines.next()).value ?? "")?.[0] ?? "";
      // Sixteen connections to two threads: that one of them gets none of them happens once in 32,768 times.
      const clients = await Promise.all(Array.from({ length: 16 }, () => modbus.connect(url)));
      await clients[0]!.writeRegister(7, 42);
      const read = await Promise.all(clients.map((client) => client.readHoldingRegisters(7, 1)));
      expect(read.map(([value]) => value)).toEqual(clients.map(() => 42));
      await Promise.all(clients.map((client) => client.close()));
    } finally {
      server.kill();
    }
  });
});
