// Sets a checkout up: installs the packages and builds, each only when something it depends on has changed.
// Runs on any Node from 20 on and needs no package itself.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "../apps/cli/bin/run-child.mjs";
import { packagesFingerprint, sourcesFingerprint, workspaces } from "./fingerprint.mjs";
import { withLock } from "./lock.mjs";
import { runNpm } from "./npm.mjs";
import { projectNode, root } from "./project-node.mjs";

const STAMP = join(root, "node_modules/.modwarden-setup.json");
const LOCK = join(root, ".modwarden/setup.lock");
const CONSOLE = join(root, "apps/console");

/** Brings the checkout up to date. Progress goes to stderr; throws a `SetupError` when a step fails. */
export async function setup() {
  const packages = packagesFingerprint(root);
  if (isCurrent(packages, sourcesFingerprint(root))) return false;
  await withLock(
    LOCK,
    () => say("waiting for another set-up of this checkout to end"),
    async () => {
      if (readStamp().packages !== packages) await installPackages(packages);
      const sources = sourcesFingerprint(root);
      if (!isCurrent(packages, sources)) await build(packages, sources);
    },
  );
  return true;
}

export class SetupError extends Error {
  code = "ERR_SETUP";
}

function isCurrent(packages, sources) {
  const stamp = readStamp();
  return stamp.packages === packages && stamp.sources === sources && outputs().every((file) => existsSync(file));
}

/** What a build leaves behind: without it the stamp is worth nothing. */
function outputs() {
  const rooms = workspaces(root).filter(
    (room) => existsSync(join(root, room, "tsconfig.json")) && room !== "apps/console",
  );
  const built = rooms.map((room) => join(root, room, "dist/.tsbuildinfo"));
  return hasConsole() ? [...built, join(root, "apps/cli/dist/console/index.html")] : built;
}

const hasConsole = () => existsSync(join(CONSOLE, "index.html"));

async function installPackages(packages) {
  // Everything a checkout needs is named here, so that NODE_ENV or a personal npm setting cannot leave half of it out.
  const args = ["ci", "--loglevel=error", "--no-fund", "--no-audit", "--include=dev", "--include=optional"];
  await step("installing packages (npm ci)", "npm ci", () => runNpm(args, { cwd: root }));
  writeStamp({ packages });
}

async function build(packages, sources) {
  const node = projectNode();
  const run = (cwd, tool, ...args) => runChild(node, [join(root, "node_modules", tool), ...args], { cwd });
  await step("building the rooms (tsc -b)", "npm run build", () => run(root, "typescript/bin/tsc", "-b"));
  if (hasConsole()) {
    await step("building the console (vite build)", "npm run build --workspace apps/console", () =>
      run(CONSOLE, "vite/bin/vite.js", "build", "--logLevel", "warn"),
    );
  }
  writeStamp({ packages, sources });
}

async function step(what, again, run) {
  const started = performance.now();
  say(`${what} …`);
  const code = await run();
  if (code !== 0) throw new SetupError(`${what} failed with exit code ${code}. Look above, then try: ${again}`);
  say(`${what}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, "utf8"));
  } catch {
    return {}; // no stamp, or half of one: set everything up again
  }
}

function writeStamp(stamp) {
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(STAMP, `${JSON.stringify(stamp)}\n`);
}

/** Runs `main` and turns its outcome into an exit code; a failed set-up is a sentence, not a stack. */
export async function exitWith(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error.code === undefined ? error.stack : error.message}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await exitWith(async () => {
    if (!(await setup())) say("everything is current");
    return 0;
  });
}
