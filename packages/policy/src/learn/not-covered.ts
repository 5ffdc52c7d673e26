import type { Observation } from "../observation.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { type Tally, together } from "./tally.ts";

/** What the proposed policy does not permit, though it was asked. */
export interface NotCovered {
  readonly who: string;
  readonly what: string;
  readonly why: string;
  readonly tally: Tally;
}

/** Kinds that are told apart; whatever else there is, is one kind. */
const MOST_KINDS = 1_000;

export class NotCoveredList {
  readonly #kinds = new Map<string, NotCovered>();

  add({ question, server, count, firstMs, lastMs }: Observation, why: string): void {
    const { subject, role, source, device, unit, functionCode, subfunction } = question;
    const host = source === undefined ? "" : ` at ${hostOf(source)}`;
    const who = `${(subject === null ? null : role) ?? "no role"}${host}`;
    const code = subfunction === undefined ? functionCode : `${functionCode}/${subfunction}`;
    const what = `function ${code} of ${device ?? (server === undefined ? `unit ${unit}` : `unit ${unit} at ${server}`)}`;
    const named = { who, what, why, tally: { count, firstMs, lastMs } };
    const key = JSON.stringify([who, what, why]);
    if (this.#kinds.has(key) || this.#kinds.size < MOST_KINDS) this.#put(key, named);
    else this.#put("", { ...named, who: "others", what: "other functions", why: "too many kinds to tell apart" });
  }

  get count(): number {
    return this.list.reduce((sum, { tally }) => sum + tally.count, 0);
  }

  /** The most frequent first. */
  get list(): readonly NotCovered[] {
    return [...this.#kinds.values()].sort((left, right) => right.tally.count - left.tally.count);
  }

  #put(key: string, kind: NotCovered): void {
    const known = this.#kinds.get(key);
    this.#kinds.set(key, known === undefined ? kind : { ...known, tally: together(known.tally, kind.tally) });
  }
}

/** A client is one source whatever port it speaks from. */
export function hostOf(source: string): string {
  const colon = source.lastIndexOf(":");
  const hasPort = source.startsWith("[") ? colon > source.indexOf("]") : colon === source.indexOf(":");
  return colon > 0 && hasPort ? source.slice(0, colon) : source;
}

/** Why no policy permits this, or none should because of it; undefined: it can be learned. */
export function whyNot(
  observation: Observation,
  devices: ReadonlyMap<string, PolicyDevice> | undefined,
): string | undefined {
  const { question, permitted, because, outcome, exception } = observation;
  if (question.accesses.length === 0)
    return `${permitted ? "" : `refused: ${because ?? "no reason recorded"}; `}what exactly was asked is not recorded`;
  if (!permitted) return `refused: ${because ?? "no reason recorded"}`;
  if (outcome === "exception") return `answered with exception ${exception ?? "unknown"}`;
  if (outcome === "unanswered") return "not answered";
  return whyNever(observation, devices);
}

function whyNever(
  { question }: Observation,
  devices: ReadonlyMap<string, PolicyDevice> | undefined,
): string | undefined {
  const { subject, role, device, unit, functionCode, subfunction, accesses } = question;
  if (subject === null || role === null) return "whoever has no role is permitted nothing";
  if (role === "" || role === "*" || role.length > 128) return "no role can have this name";
  const known = device === null ? undefined : devices?.get(device);
  if (devices !== undefined && known === undefined) return "it is no device of the site";
  if (known !== undefined && known.unit !== unit) return `the site's ${known.id} is unit ${known.unit}, not ${unit}`;
  if (!Number.isInteger(unit) || unit < 0 || unit > 255) return "there is no such unit";
  if (!Number.isInteger(functionCode) || functionCode < 1 || functionCode > 127) return "there is no such function";
  if ((functionCode === 8 || functionCode === 43) && subfunction === undefined) return "its sub-function is not known";
  for (const { table, file, address, quantity, write, values, mask } of accesses) {
    const inFiles = functionCode === 20 || functionCode === 21;
    const last = address + quantity - 1;
    const wrong =
      table === null
        ? inFiles
          ? file === undefined || file < 1 || file > 65_535 || quantity < 1 || address < 0 || last > 9_999
          : functionCode === 24
            ? quantity !== 1 || address < 0 || address > 65_535
            : quantity !== 0 || address !== 0
        : quantity < 1 || address < 0 || last > 65_535;
    if (wrong) return "there are no such registers or records";
    if (write && table !== null && mask === undefined && values?.length !== quantity) return "its values are not known";
    const partial = write && table !== null ? known?.profile?.partial(table, address, quantity) : undefined;
    if (partial !== undefined) return `it writes only a part of ${partial.id}, which no policy permits`;
  }
  return undefined;
}
