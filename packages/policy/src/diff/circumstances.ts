import { parseHours } from "../language/hours.ts";
import type { RuleText } from "../language/text.ts";
import { ALL_TRANSPORTS, transportNames } from "../language/transports.ts";
import { openMinutes } from "../language/week.ts";
import type { PolicyLocation } from "../rules/location.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Box } from "./box.ts";
import { type DimensionList, NameClasses } from "./dimension.ts";
import { NetworkClasses } from "./networks.ts";
import { TagClasses } from "./tags.ts";
import { WeekClasses } from "./week-classes.ts";

/** A rule with its text: places are judged where a policy is put in force, not in the compiled rule. */
export interface StatedRule {
  readonly compiled: CompiledRule;
  readonly text: RuleText;
}

const places = ["sites", "gateways", "zones"] as const;

/** Who asks, from where, over what and when: what a rule asks for besides its role and what is known of the plant. */
export class CircumstanceClasses {
  readonly #ids: NameClasses;
  readonly #kinds: NameClasses;
  readonly #tags: TagClasses | undefined;
  readonly #listeners: NameClasses;
  readonly #networks: NetworkClasses;
  readonly #places: Readonly<Record<(typeof places)[number], NameClasses>>;
  readonly #weeks = new Map<string, WeekClasses>();

  constructor(rules: readonly StatedRule[], dimensions: DimensionList) {
    const mentioned = (names: (rule: StatedRule) => Iterable<string> | undefined): string[] =>
      rules.flatMap((rule) => [...(names(rule) ?? [])]);
    this.#ids = new NameClasses(
      "identity",
      mentioned(({ compiled }) => compiled.ids),
    );
    this.#kinds = new NameClasses(
      "kind",
      mentioned(({ compiled }) => compiled.kinds),
    );
    this.#listeners = new NameClasses(
      "listener",
      mentioned(({ compiled }) => compiled.listeners),
    );
    const lists = rules.flatMap(({ compiled }) => (compiled.tags === undefined ? [] : [[...compiled.tags]]));
    this.#tags = TagClasses.fits(lists) ? new TagClasses(lists) : undefined;
    this.#networks = new NetworkClasses(rules.flatMap(({ compiled }) => compiled.networks ?? []));
    this.#places = {
      sites: new NameClasses(
        "site",
        mentioned(({ text }) => text.when?.sites),
      ),
      gateways: new NameClasses(
        "gateway",
        mentioned(({ text }) => text.when?.gateways),
      ),
      zones: new NameClasses(
        "zone",
        mentioned(({ text }) => text.when?.zones),
      ),
    };
    dimensions.add("transport", {
      full: BigInt(ALL_TRANSPORTS),
      words: (set) => `over ${transportNames(Number(set))}`,
    });
    dimensions.add("id", this.#ids);
    dimensions.add("kind", this.#kinds);
    dimensions.add("listener", this.#listeners);
    dimensions.add("source", this.#networks);
    for (const place of places) dimensions.add(place, this.#places[place]);
    if (this.#tags !== undefined) dimensions.add("tags", this.#tags);
    for (const list of this.#tags === undefined ? lists : []) {
      const name = tagsName(list);
      const words = (set: bigint): string => `${set === 1n ? "with" : "without"} a tag of ${list.join(", ")}`;
      dimensions.add(name, { full: 3n, words });
    }
    for (const { compiled } of rules) {
      const zone = compiled.hours?.zone;
      if (zone === undefined || this.#weeks.has(zone)) continue;
      const week = new WeekClasses(zone);
      this.#weeks.set(zone, week);
      dimensions.add(`hours ${zone}`, week);
    }
  }

  boxOf({ compiled, text }: StatedRule): Box {
    const { ids, kinds, tags, listeners, networks, hours } = compiled;
    const box = new Map<string, bigint>();
    if (ids !== undefined) box.set("id", this.#ids.setOf(ids));
    if (kinds !== undefined) box.set("kind", this.#kinds.setOf(kinds));
    if (tags !== undefined && this.#tags !== undefined) box.set("tags", this.#tags.setOf(tags));
    else if (tags !== undefined) box.set(tagsName([...tags]), 1n);
    if (listeners !== undefined) box.set("listener", this.#listeners.setOf(listeners));
    if (networks !== undefined) box.set("source", this.#networks.setOf(networks));
    if (hours !== undefined)
      box.set(`hours ${hours.zone}`, openMinutes(hours.stated.flatMap((one) => parseHours(one) ?? [])));
    for (const place of places) {
      const names = text.when?.[place];
      if (names !== undefined) box.set(place, this.#places[place].setOf(names));
    }
    return box;
  }

  /** What is so wherever the policy is in force; without a place, anywhere. */
  hereBox(location: PolicyLocation | undefined): Box {
    if (location === undefined) return new Map();
    return new Map([
      ["sites", this.#places.sites.classOf(location.site)],
      ["gateways", this.#places.gateways.classOf(location.gateway)],
      ["zones", this.#places.zones.classOf(location.zone)],
    ]);
  }
}

function tagsName(list: readonly string[]): string {
  return `tags ${list.toSorted().join(" ")}`;
}
