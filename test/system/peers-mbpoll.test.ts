import { execFile } from "node:child_process";
import { createServer } from "@modwarden/modbus";
import { describe, expect, onTestFinished } from "vitest";
import { createSerialLine } from "./peers/serial-line.ts";
import { createTables, holding, input } from "./peers/tables.ts";
import { findBinary, systemTest } from "./support.ts";

/** Asks mbpoll once; resolves to the values it prints, or to its complaint. */
type Ask = (table: string, address: number, ...more: readonly string[]) => Promise<readonly string[]>;

/** Our server, and mbpoll as it is told to find it. */
async function mbpollAt(program: string, carrier: "tcp" | "rtu"): Promise<Ask> {
  const server = createServer(createTables());
  onTestFinished(() => server.close());
  let options: readonly string[];
  let place: string;
  if (carrier === "tcp") {
    const { port } = await server.listen("modbus+tcp://127.0.0.1:0");
    options = ["-m", "tcp", "-p", `${port}`];
    place = "127.0.0.1";
  } else {
    const [ours, theirs] = await createSerialLine(findBinary("socat") ?? "socat");
    await server.listen(`modbus+rtu://${ours}?unit=1`);
    options = ["-m", "rtu", "-b", "19200", "-P", "even"];
    place = theirs;
  }
  return (table, address, ...more) =>
    new Promise((resolve) => {
      const split = more.indexOf("--");
      const flags = split === -1 ? more : more.slice(0, split);
      const written = split === -1 ? [] : more.slice(split);
      const args = [...options, "-a", "1", "-0", "-1", "-t", table, "-r", `${address}`, ...flags, place, ...written];
      execFile(program, args, { timeout: 20_000 }, (_error, stdout, stderr) => {
        const text = `${stdout}${stderr}`;
        const complaint = /failed: (.+)$/m.exec(text)?.[1];
        const count = /^Written (\d+) references?\.$/m.exec(text)?.[0];
        // "[100]: 	65535 (-1)" as it prints a value, with what it would be if it had a sign.
        const values = [...text.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)].map(([, at, value]) => `${at}=${value}`);
        resolve(complaint !== undefined ? [complaint] : count !== undefined ? [count] : values);
      });
    });
}

describe.each(["tcp", "rtu"] as const)("mbpoll over %s", (carrier) => {
  systemTest(["mbpoll", "socat"], "reads and writes every table of our server", async ([program]) => {
    const ask = await mbpollAt(program, carrier);
    expect(await ask("0", 3, "-c", "4")).toEqual(["3=1", "4=0", "5=0", "6=1"]);
    expect(await ask("1", 3, "-c", "4")).toEqual(["3=0", "4=0", "5=1", "6=1"]);
    expect(await ask("3", 10, "-c", "2")).toEqual([`10=${input(10)}`, `11=${input(11)}`]);
    expect(await ask("4", 10, "-c", "2")).toEqual([`10=${holding(10)}`, `11=${holding(11)}`]);
    expect(await ask("4", 500, "-c", "125")).toHaveLength(125);

    // One value goes out as function 5 or 6, several as 15 or 16.
    expect(await ask("0", 20, "--", "1")).toEqual(["Written 1 references."]);
    expect(await ask("0", 21, "--", "0", "1", "1")).toEqual(["Written 3 references."]);
    expect(await ask("0", 20, "-c", "4")).toEqual(["20=1", "21=0", "22=1", "23=1"]);
    expect(await ask("4", 30, "--", "65535")).toEqual(["Written 1 references."]);
    expect(await ask("4", 31, "--", "1", "2")).toEqual(["Written 2 references."]);
    expect(await ask("4:hex", 30, "-c", "3")).toEqual(["30=0xFFFF", "31=0x0001", "32=0x0002"]);
    expect(await ask("4:float", 40, "-B", "--", "230.5", "-1.25")).toEqual(["Written 2 references."]);
    expect(await ask("4:float", 40, "-B", "-c", "2")).toEqual(["40=230.5", "42=-1.25"]);
    expect(await ask("4:hex", 40, "-c", "2")).toEqual(["40=0x4366", "41=0x8000"]);

    expect(await ask("4", 2200)).toEqual(["Illegal data address"]);
    expect(await ask("4", 2200, "--", "1")).toEqual(["Illegal data address"]);
  });
});
