import { compilePolicy } from "../compile.ts";
import { readPolicy } from "../language/read.ts";
import type { Observation } from "../observation.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { exampleTests } from "./examples.ts";
import { named } from "./names.ts";
import { hostOf, type NotCovered, NotCoveredList, whyNot } from "./not-covered.ts";
import { proposedRules } from "./rules.ts";
import { MAX_SEEN, Seen } from "./seen.ts";
import { type Tally, together } from "./tally.ts";
import { policyText, timeText } from "./write-policy.ts";

export interface LearnOptions {
  /** The site's devices; undefined: none is given, and devices are what the observations call them. */
  readonly devices?: readonly PolicyDevice[];
  /** What it is learned from, as the head of the file says it: "the capture plant.pcap". */
  readonly from: string;
  /** Lines for the head of the file, each a sentence. */
  readonly remarks?: readonly string[];
  /** SHA-256 of text as hex; default: the runtime's own. */
  readonly sha256?: (text: string) => string;
}

/** A policy that is proposed. */
export interface Learned {
  /** The policy file, with comments. */
  readonly text: string;
  readonly rules: number;
  /** Requests that it permits, and those that it does not. */
  readonly learned: number;
  readonly notCovered: readonly NotCovered[];
}

/** More roles, and devices without a site, than this are not learned. */
const MAX_NAMES = 1_000;
/** Servers of one unit that the head of the file counts. */
const MAX_SERVERS = 1_000;

/** Collects what was seen, one observation after another, and proposes the least policy that permits it. */
export class Learner {
  readonly #options: LearnOptions;
  readonly #site: ReadonlyMap<string, PolicyDevice> | undefined;
  /** Without a site: the devices that were seen, at the unit at which each was seen first. */
  readonly #seenDevices = new Map<string, PolicyDevice>();
  readonly #seen = new Seen();
  readonly #notCovered = new NotCoveredList();
  readonly #roles = new Map<string, Set<string>>();
  readonly #servers = new Map<number, Set<string>>();
  #learned: Tally | undefined;
  #span: Tally | undefined;

  constructor(options: LearnOptions) {
    this.#options = options;
    this.#site = options.devices && new Map(options.devices.map((device) => [device.id, device]));
  }

  add(observation: Observation): void {
    if (observation.own === true) return;
    const { count, firstMs, lastMs } = observation;
    const tally = { count, firstMs, lastMs };
    this.#span = together(this.#span, tally);
    const why = this.#learn(observation);
    if (why === undefined) this.#learned = together(this.#learned, tally);
    else this.#notCovered.add(observation, why);
  }

  /** Why it was not, or undefined. */
  #learn(observation: Observation): string | undefined {
    const { question, server } = observation;
    const known = this.#site ?? this.#withDevice(question.device, question.unit);
    const why = whyNot(observation, question.device === null ? this.#site : known);
    if (why !== undefined) return why;
    const { role, source } = question;
    if (role === null || (!this.#roles.has(role) && this.#roles.size >= MAX_NAMES)) return "there are too many roles";
    const device = question.device === null ? undefined : known.get(question.device);
    if (!this.#seen.add(observation, device)) return `more than ${MAX_SEEN} different things were asked`;
    noteIn(this.#roles, role, source === undefined ? undefined : hostOf(source));
    if (question.device === null && server !== undefined) noteIn(this.#servers, question.unit, server);
    return undefined;
  }

  #withDevice(id: string | null, unit: number): ReadonlyMap<string, PolicyDevice> {
    const room = this.#seenDevices.size < MAX_NAMES && Number.isInteger(unit) && unit >= 0 && unit <= 255;
    if (id !== null && id !== "" && id.length <= 128 && room && !this.#seenDevices.has(id)) {
      this.#seenDevices.set(id, { id, unit });
    }
    return this.#seenDevices;
  }

  /** The policy that permits all that was learned. */
  propose(): Learned {
    const devices = [...(this.#site ?? this.#seenDevices).values()];
    const rules = named(proposedRules(this.#seen.functions.values(), this.#site ?? this.#seenDevices));
    const roles = [...this.#roles.keys()].sort();
    const notCovered = this.#notCovered.list;
    const parts = { header: this.#header(), roles, rules, notCovered };
    const sha256 = this.#options.sha256;
    const document = readPolicy(policyText({ ...parts, tests: [] }), "learned");
    const policy = compilePolicy(document, devices, sha256 === undefined ? {} : { sha256 });
    const text = policyText({ ...parts, tests: exampleTests(rules, policy, devices) });
    return { text, rules: rules.length, learned: this.#learned?.count ?? 0, notCovered };
  }

  #header(): readonly string[] {
    const learned = this.#learned?.count ?? 0;
    const between =
      this.#span === undefined ? "" : `, from ${timeText(this.#span.firstMs)} to ${timeText(this.#span.lastMs)}`;
    const shared = [...this.#servers].filter(([, servers]) => servers.size > 1);
    return [
      "The least policy that permits what was seen. A proposal: read it, edit it, and only then put it in force.",
      "",
      `Learned from ${this.#options.from}: ${(this.#span?.count ?? 0).toString()} requests${between}.`,
      `It permits ${learned} of them; the other ${this.#notCovered.count} stand at its end.`,
      ...(this.#options.remarks ?? []),
      ...shared.map(
        ([unit, { size }]) =>
          `Unit ${unit} is ${size} servers, and one rule is about all of them: learn with --site to tell them apart.`,
      ),
      "",
      "How to go on:",
      "  1. Was anything seen that should not be? Remove it here. Is anything missing that comes once a year? Add it.",
      "  2. modwarden policy test FILE              runs the tests at the end of the rules",
      "  3. modwarden policy replay --policy FILE --from LOG|CAPTURE --strict    tries it on other days",
      "  4. Run the site with it in shadow mode, look at what would be refused, then write mode: enforce.",
      "",
      "`write: NAME` and `read: NAME` cover every function that writes or reads the point. What writes counts over TLS",
      "only, unless the rule names other transports. Counts and times are of the requests that an entry was made from.",
      ...this.#roleLines(),
      "",
    ];
  }

  #roleLines(): readonly string[] {
    return [...this.#roles]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(
        ([role, hosts]) =>
          `Role ${role} was seen at ${[...hosts].slice(0, 5).join(", ") || "no address"}${hosts.size > 5 ? " and others" : ""}.`,
      );
  }
}

function noteIn<Key>(sets: Map<Key, Set<string>>, key: Key, name: string | undefined): void {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  if (name !== undefined && set.size < MAX_SERVERS) set.add(name);
}
