import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The library as its users get it: packed, and installed in a folder where nothing else is. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(realpathSync(tmpdir()), "modwarden-package-"));
const installed = join(folder, "node_modules/@modwarden/modbus");
const manifestOf = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Record<string, unknown>;

interface Ended {
  readonly code: number;
  readonly text: string;
}

function run(command: string, args: readonly string[], cwd = folder): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, timeout: 100_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, text: code === 0 ? stdout : `${stdout}${stderr}` });
    });
  });
}

let tarball: string;
let roomManifest: string;
beforeAll(async () => {
  roomManifest = readFileSync(join(root, "packages/modbus/package.json"), "utf8");
  const packed = await run(
    "npm",
    ["pack", "--workspace", "@modwarden/modbus", "--pack-destination", folder, "--json", "--loglevel=error"],
    root,
  );
  expect(packed.code, packed.text).toBe(0);
  const [{ filename }] = JSON.parse(packed.text.slice(packed.text.indexOf("["))) as [{ readonly filename: string }];
  tarball = join(folder, filename);
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true }\n');
  const install = await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball]);
  expect(install.code, install.text).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const roundTrip = `
  const memory = createMemoryHandler();
  memory.tables.inputRegisters.set([0x4366, 0x8000], 10);
  const server = createServer(memory);
  const url = await server.listen("modbus+tcp://127.0.0.1:0");
  const client = await connect(url, { unit: 1 });
  await client.writeRegisters(5, [7, 8]);
  const read = await client.readHoldingRegisters(5, 2);
  const words = await client.readInputRegisters(10, 2);
  const float = decodeValue("f32", "ABCD", words, 0);
  const refused = await client.readCoils(65535, 2).catch((error) => error);
  const isOurs = refused instanceof ModbusError && refused instanceof protocol.ModbusError;
  console.log(read.join(), float, refused.code, isOurs, protocol.crc16(Uint8Array.of(1, 2), 0, 2));
  await client.close();
  await server.close();`;
const names = "connect, createMemoryHandler, createServer, decodeValue, ModbusError";
const printed = "7,8 230.5 ERR_MODBUS_EXCEPTION true 57729\n";

describe("the packed library", () => {
  it("leaves the checkout as it was", () => {
    expect(readFileSync(join(root, "packages/modbus/package.json"), "utf8")).toBe(roomManifest);
  });

  it("depends on nothing, and serialport is left out", async () => {
    const { dependencies, devDependencies, scripts, private: isPrivate, version } = manifestOf(installed);
    expect([dependencies, devDependencies, scripts, isPrivate]).toEqual([undefined, undefined, undefined, undefined]);
    expect(version).toBe(manifestOf(root)["version"]);
    const listed = await run("npm", ["ls", "--all", "--parseable", "--loglevel=error"]);
    expect(listed.text.trim().split("\n")).toEqual([folder, installed]);
    expect(readFileSync(join(installed, "LICENSE"), "utf8")).toContain("Apache License");
    expect(readFileSync(join(installed, "README.md"), "utf8")).toContain("# @modwarden/modbus");
  });

  it("runs as an ES module", async () => {
    writeFileSync(
      join(folder, "user.mjs"),
      `import { ${names} } from "@modwarden/modbus";
      import * as protocol from "@modwarden/modbus/protocol";
      ${roundTrip}`,
    );
    expect(await run(process.execPath, ["user.mjs"])).toEqual({ code: 0, text: printed });
  });

  it("runs in CommonJS", async () => {
    writeFileSync(
      join(folder, "user.cjs"),
      `const { ${names} } = require("@modwarden/modbus");
      const protocol = require("@modwarden/modbus/protocol");
      (async () => {${roundTrip}})();`,
    );
    expect(await run(process.execPath, ["user.cjs"])).toEqual({ code: 0, text: printed });
  });

  it.each(["nodenext", "bundler"])("compiles in strict TypeScript with module resolution %s", async (resolution) => {
    writeFileSync(
      join(folder, "user.mts"),
      `import { type Client, connect, createServer, ExceptionResponseError, type HandlerMethods, ModbusError,
        type Request, ServerException } from "@modwarden/modbus";
      import { crc16, decodeRequest } from "@modwarden/modbus/protocol";
      const handler: HandlerMethods = {
        "read-holding-registers": ({ kind, address, quantity }) => {
          if (address > 10) throw new ServerException(2);
          return { kind, registers: new Uint16Array(quantity) };
        },
      };
      export async function main(): Promise<number> {
        await using server = createServer(handler);
        await using client: Client = await connect(await server.listen("modbus+tcp://127.0.0.1:0"));
        const registers: Uint16Array = await client.unit(3).readHoldingRegisters(0, 2);
        const request: Request = decodeRequest(Uint8Array.of(3, 0, 0, 0, 1), 0, 5);
        // @ts-expect-error: text is no address
        client.readCoils("0", 1).catch((error: unknown) => error instanceof ModbusError && error.code);
        return registers.length + crc16(new Uint8Array(2), 0, 2) + (request.kind === "read-coils" ? 1 : 0)
          + (new Error() instanceof ExceptionResponseError ? 1 : 0);
      }`,
    );
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          module: resolution === "nodenext" ? "nodenext" : "esnext",
          moduleResolution: resolution,
          target: "es2023",
          lib: ["es2023", "esnext.disposable"],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: false,
          types: ["node"],
          typeRoots: [join(root, "node_modules/@types")],
        },
        files: ["user.mts"],
      }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    expect(await run(process.execPath, [tsc, "-p", folder])).toEqual({ code: 0, text: "" });
  });

  /** Programs for users that say what they print. They were written in the checkout, and have to do the same here. */
  const pages = ["docs/library.md", "docs/links.md", "docs/coming-from.md", "packages/modbus/README.md"];
  const programs = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/```ts\n(.*?)```\n```\n(.*?)```/gs)].map(
      ([, program = "", prints = ""], index) => ({ page, index, program, prints }),
    ),
  );
  it.concurrent.each(programs)("runs program $index of $page", async ({ page, index, program, prints }) => {
    const file = `${page.replaceAll(/\W/g, "-")}-${index}.mts`;
    writeFileSync(join(folder, file), program);
    expect(await run(process.execPath, [file])).toEqual({ code: 0, text: prints });
  });

  it("is clean to publint", async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it("is clean to attw", async () => {
    const attw = fileURLToPath(new URL("dist/index.js", import.meta.resolve("@arethetypeswrong/cli/package.json")));
    const checked = await run(process.execPath, [attw, tarball, "--profile", "esm-only", "--format", "ascii"]);
    expect(checked.code, checked.text).toBe(0);
  });

  it("says how to come by the serial port that it does without", async () => {
    writeFileSync(
      join(folder, "serial.mjs"),
      `import { connect } from "@modwarden/modbus";
      connect("modbus+rtu:///dev/ttyUSB0").catch(({ code, message }) => console.log(code, message));`,
    );
    const { text } = await run(process.execPath, ["serial.mjs"]);
    expect(text).toContain("ERR_MODBUS_NO_SERIALPORT");
    expect(text).toContain("npm install serialport");
  });
});
