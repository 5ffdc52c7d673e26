import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { type Import, usesOf } from "./imports.ts";
import type { House, Room, SourceFile } from "./rooms.ts";

/** Rooms that must run in a browser, without Node and without any dependency. */
const PURE = new Set(["packages/protocol"]);
const NODE_GLOBALS = ["Buffer", "process", "require", "__dirname", "__filename", "setImmediate"];

/** What is against the rules of the house, one sentence each; empty when all is well. */
export function violations(house: House): string[] {
  return house.rooms.flatMap((room) => [
    ...orderViolations(house, room),
    ...doorViolations(room),
    ...referenceViolations(house, room),
    ...room.files.flatMap((file) => fileViolations(house, room, file)),
  ]);
}

/** A room may declare only rooms that stand before it. */
function orderViolations(house: House, room: Room): string[] {
  const later = house.rooms.slice(house.rooms.indexOf(room)).map((other) => other.name);
  return [...room.dependencies, ...room.devDependencies]
    .filter((name) => later.includes(name))
    .map((name) => `${room.directory}/package.json: depends on ${name}, which does not stand before it`);
}

/** The door opens with one documentation comment that says what the room is for. */
function doorViolations(room: Room): string[] {
  const door = room.files.find((file) => file.path === `${room.directory}/src/index.ts`);
  if (door === undefined) return [`${room.directory}: has no door src/index.ts`];
  return /^\/\*\* [^*]+\. \*\/\n/.test(door.text)
    ? []
    : [`${door.path}: does not open with one line /** … */ that says what the room is for`];
}

/** TypeScript's references are the declared rooms, no more and no fewer. */
function referenceViolations(house: House, room: Room): string[] {
  if (room.references === undefined) return [];
  const declared = house.rooms
    .filter((other) => room.dependencies.includes(other.name))
    .map((other) => other.directory);
  const missing = declared.filter((directory) => !room.references?.includes(directory));
  const extra = room.references.filter((directory) => !declared.includes(directory));
  return [
    ...missing.map((directory) => `${room.directory}/tsconfig.json: does not refer to ${directory}`),
    ...extra.map((directory) => `${room.directory}/tsconfig.json: refers to ${directory}, which is not declared`),
  ].map((sentence) => `${sentence} (node scripts/sync-references.mjs)`);
}

function fileViolations(house: House, room: Room, file: SourceFile): string[] {
  const { imports, names } = usesOf(file);
  const isTest = /\.test\.tsx?$/.test(file.path) || file.path.includes("/testing/");
  const found = imports.flatMap((one) => {
    const problem = importProblem(house, room, file, one, isTest);
    return problem === undefined ? [] : [`${file.path}:${one.line}: ${problem}`];
  });
  if (!PURE.has(room.directory) || isTest) return found;
  const globals = NODE_GLOBALS.filter((name) => names.has(name));
  return [...found, ...globals.map((name) => `${file.path}: names ${name}, but this room is pure`)];
}

/** What loads a program that the user names in a file of theirs, and nothing of the house. */
const LOADERS: ReadonlySet<string> = new Set(["packages/server/src/site/authority-access.ts"]);

function importProblem(house: House, room: Room, file: SourceFile, one: Import, isTest: boolean): string | undefined {
  const { specifier } = one;
  if (specifier === "*") {
    return isTest || LOADERS.has(file.path) ? undefined : "imports what is only known at run time";
  }
  if (specifier.startsWith(".")) return relativeProblem(house, room, file, specifier);
  if (isBuiltin(specifier)) {
    return PURE.has(room.directory) && !isTest ? `imports ${specifier}, but this room is pure` : undefined;
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const other = house.rooms.find((candidate) => candidate.name === name);
  if (other !== undefined && name !== specifier) return `imports ${specifier} past the door of ${other.directory}`;
  const allowed = isTest ? [...room.dependencies, ...room.devDependencies, ...house.testTools] : room.dependencies;
  const isBundled = room.references === undefined && room.devDependencies.includes(name);
  if (!allowed.includes(name) && !isBundled) return `imports ${name}, which ${room.directory} does not declare`;
  if (other !== undefined && house.rooms.indexOf(other) >= house.rooms.indexOf(room)) {
    return `imports ${name}, which does not stand before it`;
  }
  return undefined;
}

/** A relative path never leads out of its room's sources into another room. */
function relativeProblem(house: House, room: Room, file: SourceFile, specifier: string): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
  const other = house.rooms.find(
    (candidate) => target === candidate.directory || target.startsWith(`${candidate.directory}/`),
  );
  return other !== undefined && other !== room ? `reaches into ${other.directory} past its door` : undefined;
}
