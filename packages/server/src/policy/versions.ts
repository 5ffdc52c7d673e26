import { createHash } from "node:crypto";
import { SiteError } from "../site/error.ts";
import { makeSigningKey, readSigningKey, type SigningKey } from "./signing-key.ts";
import { type PolicyVersion, readEntry, writeEntry } from "./version-entry.ts";
import type { VersionFiles } from "./version-files.ts";

/** How many versions are kept with their text. */
const KEPT = 100;
const INDEX = "versions.jsonl";
const TEXT_FILE = /^(\d{6,9})\.yaml$/;

/** Something in the folder that was not written by this site as it stands there. */
export interface VersionProblem {
  /** Undefined where the line does not even say. */
  readonly version?: number;
  readonly reason: string;
}

/** A version and its text, both as they were signed. */
export interface KeptPolicy {
  readonly entry: PolicyVersion;
  readonly text: string;
}

/**
 * Every policy that a site had in force, each with its text, signed. The index is what counts: it is replaced as a whole
 * after the text is on disk, so a process that dies at any point leaves the version before or the new one.
 * One caller at a time, who holds the lock on the data folder.
 */
export class PolicyVersions {
  readonly #files: VersionFiles;
  #key: SigningKey | undefined;
  /** Of the index, oldest first. What does not hold stays where it is until it falls out: it is evidence. */
  #lines: readonly { readonly line: string; readonly entry: PolicyVersion | undefined }[];
  #highest: number;
  readonly #problems: VersionProblem[];

  private constructor(files: VersionFiles, key: SigningKey | undefined, index: string, names: readonly string[]) {
    this.#files = files;
    this.#key = key;
    this.#problems = [];
    const lines = index.split("\n").filter((line) => line !== "");
    this.#lines = lines.map((line) => {
      const entry = key === undefined ? "the key that it was signed with is missing" : readEntry(line, key.public);
      if (typeof entry !== "string") return { line, entry };
      this.#problems.push({ reason: `a line of ${INDEX} is not used: ${entry}` });
      return { line, entry: undefined };
    });
    const numbers = names.map((name) => Number(TEXT_FILE.exec(name)?.[1] ?? 0));
    this.#highest = Math.max(0, ...numbers, ...this.entries().map(({ version }) => version));
  }

  /** Reads the folder and changes nothing in it; a folder that is not there is empty. Error: ERR_POLICY_KEY */
  static async open(files: VersionFiles): Promise<PolicyVersions> {
    const key = await readSigningKey(files);
    return new PolicyVersions(files, key, (await files.read(INDEX)) ?? "", await files.names());
  }

  /** What was found that does not hold, so far. */
  get problems(): readonly VersionProblem[] {
    return this.#problems;
  }

  /** There has never been a version here. */
  get empty(): boolean {
    return this.#lines.length === 0;
  }

  /** Whose signatures hold, oldest first. */
  entries(): readonly PolicyVersion[] {
    return this.#lines.flatMap(({ entry }) => entry ?? []);
  }

  /** The newest of which signature and text hold; those that do not on the way there are problems. */
  async newest(): Promise<KeptPolicy | undefined> {
    for (const entry of this.entries().toReversed()) {
      const text = await this.#textOf(entry);
      if (typeof text !== "string") this.#problems.push(text);
      else return { entry, text };
    }
    return undefined;
  }

  /** One that is kept. Errors: ERR_POLICY_VERSION_UNKNOWN, ERR_POLICY_VERSION_DAMAGED */
  async kept(version: number): Promise<KeptPolicy> {
    const entry = this.entries().find((candidate) => candidate.version === version);
    if (entry === undefined) {
      throw new SiteError(
        "ERR_POLICY_VERSION_UNKNOWN",
        `there is no version ${version} of the policy: \`modwarden policy history\` lists them`,
      );
    }
    const text = await this.#textOf(entry);
    if (typeof text === "string") return { entry, text };
    throw new SiteError("ERR_POLICY_VERSION_DAMAGED", text.reason);
  }

  /** Keeps one more, as the newest. On disk when the promise is kept. */
  async add(draft: Omit<PolicyVersion, "version" | "sha256">, text: string): Promise<PolicyVersion> {
    this.#key ??= await makeSigningKey(this.#files);
    const version = this.#highest + 1;
    const entry = { version, sha256: sha256(text), ...draft };
    this.#highest = version;
    await this.#files.create(textFile(version), text);
    const lines = [...this.#lines, { line: writeEntry(entry, this.#key.private), entry }].slice(-KEPT);
    await this.#files.replace(INDEX, `${lines.map(({ line }) => line).join("\n")}\n`);
    this.#lines = lines;
    await this.#prune();
    return entry;
  }

  async #textOf(entry: PolicyVersion): Promise<string | VersionProblem> {
    const name = textFile(entry.version);
    const text = await this.#files.read(name);
    const { version } = entry;
    if (text === undefined) return { version, reason: `version ${version} is not used: ${name} is missing` };
    if (sha256(text) === entry.sha256) return text;
    return { version, reason: `version ${version} is not used: ${name} was changed since it was signed` };
  }

  /** Texts of versions that have fallen out of the index. */
  async #prune(): Promise<void> {
    const oldest = this.#highest - KEPT + 1;
    if (oldest <= 1) return;
    for (const name of await this.#files.names()) {
      const version = Number(TEXT_FILE.exec(name)?.[1] ?? Number.NaN);
      if (version < oldest && !this.entries().some((entry) => entry.version === version))
        await this.#files.remove(name);
    }
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The name of the file that holds the text of a version. */
export function textFile(version: number): string {
  return `${String(version).padStart(6, "0")}.yaml`;
}
