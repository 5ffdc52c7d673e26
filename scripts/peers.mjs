// Installs other Modbus libraries (bench/peers) into .modwarden/peers, for the bench and for the tests of
// interoperability. They are no dependencies of the project: nothing but these two ever loads them.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./lock.mjs";
import { runNpm } from "./npm.mjs";
import { root } from "./project-node.mjs";

const SOURCE = join(root, "bench/peers");
const TARGET = join(root, ".modwarden/peers");
const STAMP = join(TARGET, "node_modules/.installed");
const FILES = ["package.json", "package-lock.json"];

/**
 * Makes sure that the peers are installed as their lockfile says; progress goes to stderr.
 * Resolves to the folder to require them from. Throws with the command to try when npm fails.
 */
export async function installPeers() {
  const wanted = fingerprint();
  if (!isInstalled(wanted)) {
    const onWait = () => say("waiting for another installation to end");
    await withLock(join(root, ".modwarden/peers.lock"), onWait, async () => {
      if (!isInstalled(wanted)) await install(wanted);
    });
  }
  return TARGET;
}

async function install(wanted) {
  say("installing into .modwarden/peers (npm ci) …");
  mkdirSync(TARGET, { recursive: true });
  for (const file of FILES) cpSync(join(SOURCE, file), join(TARGET, file));
  // No peer needs its install script: serialport brings what it would compile.
  const code = await runNpm(["ci", "--ignore-scripts", "--loglevel=error", "--no-fund", "--no-audit"], {
    cwd: TARGET,
    stdio: ["ignore", 2, 2],
  });
  if (code !== 0) throw new Error(`npm ci in ${TARGET} failed with exit code ${code}. Try: node scripts/peers.mjs`);
  writeFileSync(STAMP, `${wanted}\n`);
  say("done");
}

function isInstalled(wanted) {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8").trim() === wanted;
}

function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  for (const file of FILES) hash.update(readFileSync(join(SOURCE, file)));
  return hash.digest("hex");
}

function say(line) {
  process.stderr.write(`peers: ${line}\n`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await installPeers()}\n`);
}
