/** What is found in the log, as people and programs are told it: raw, and with a profile in engineering values. */
import { type BlamedWrite, formatTime, type KnownRegister } from "@modwarden/audit";
import { decodePoint, type Point, type Profile, type ReadRegister } from "@modwarden/profile";

/** What a point said, for people: "40 %". Null where it is not known. */
interface Said {
  readonly before: string | null;
  readonly after: string | null;
}

export interface BlameView extends BlamedWrite {
  /** Of each point that is wholly in what was written, by name; only where the profile is known. */
  readonly said?: Readonly<Record<string, Said>>;
}

export interface StateView {
  readonly device: string;
  /** UTC with microseconds. */
  readonly at: string;
  readonly registers: readonly RegisterView[];
  /** Where the profile is known. */
  readonly points?: readonly PointStateView[];
}

interface RegisterView extends Omit<KnownRegister, "at"> {
  /** When that was known. */
  readonly t: string;
  readonly ageMs: number;
}

export interface PointStateView {
  readonly id: string;
  readonly table: Point["table"];
  readonly address: number;
  readonly value: number | string | boolean | null;
  readonly text: string;
  /** The oldest of its registers. */
  readonly t: string;
  readonly ageMs: number;
  /** The records that say so. */
  readonly seqs: readonly number[];
}

export function blameView(write: BlamedWrite, profile: Profile | undefined): BlameView {
  const { table, address, after, before } = write;
  const points = profile?.pointsAt(table, address, after.length) ?? [];
  const whole = points.filter(
    (point) => point.address >= address && point.address + point.count <= address + after.length,
  );
  if (profile === undefined || whole.length === 0) return write;
  const reading =
    (values: readonly (number | null)[]): ReadRegister =>
    (of, at) =>
      of === table ? (values[at - address] ?? undefined) : undefined;
  const text = (point: Point, values: readonly (number | null)[]): string | null => {
    const { quality, text: said } = decodePoint(profile, point, reading(values));
    return quality === "none" ? null : said;
  };
  const said = whole.map((point) => [point.id, { before: text(point, before), after: text(point, after) }] as const);
  return { ...write, said: Object.fromEntries(said) };
}

/** `at` in microseconds since 1970. */
export function stateView(
  device: string,
  at: number,
  known: readonly KnownRegister[],
  profile: Profile | undefined,
): StateView {
  const dated = (micros: number): { readonly t: string; readonly ageMs: number } => ({
    t: formatTime(micros / 1000),
    ageMs: Math.max(0, Math.floor((at - micros) / 1000)),
  });
  const registers = known.map(({ at: since, ...register }) => ({ ...register, ...dated(since) }));
  const view = { device, at: formatTime(at / 1000), registers };
  if (profile === undefined) return view;
  const byPlace = new Map(known.map((register) => [`${register.table} ${register.address}`, register]));
  const read: ReadRegister = (table, address) => byPlace.get(`${table} ${address}`)?.value ?? undefined;
  const points = profile.points.flatMap((point): PointStateView[] => {
    const places = Array.from({ length: point.count }, (_, offset) => `${point.table} ${point.address + offset}`);
    const found = places.flatMap((place) => byPlace.get(place) ?? []);
    if (found.length < point.count) return [];
    const { value, text } = decodePoint(profile, point, read);
    const oldest = Math.min(...found.map((register) => register.at));
    return [
      {
        id: point.id,
        table: point.table,
        address: point.address,
        value: typeof value === "bigint" ? String(value) : value,
        text,
        ...dated(oldest),
        seqs: [...new Set(found.map(({ seq }) => seq))],
      },
    ];
  });
  return { ...view, points };
}
