// What the peers' programs in JavaScript share: the tables of tables.ts, and the loop over lines of drive.ts.
import { createServer } from "node:net";
import { createInterface } from "node:readline";

export const SIZE = 2200;
export const coil = (address) => address % 3 === 0;
export const discrete = (address) => address % 5 < 2;
export const holding = (address) => (address * 257 + 3) & 0xffff;
export const input = (address) => (60_000 + address * 7) & 0xffff;

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Answers every line with what `ask` gives: a list of words, or an error that `failure` puts into words. */
export async function answerLines(ask, failure) {
  say("ready");
  for await (const line of createInterface(process.stdin)) {
    const [code, ...words] = line.split(" ").map(Number);
    try {
      say(["=", ...(await ask(code, words))].join(" "));
    } catch (error) {
      say(failure(error));
    }
  }
  process.exit(0);
}

/** A server says where it is and ends with its standard input. */
export function serveUntilStdinEnds(port = "") {
  say(`ready ${port}`);
  process.stdin.resume().on("end", () => process.exit(0));
}

/** A port that nobody uses right now, for those that cannot be told to take any. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
