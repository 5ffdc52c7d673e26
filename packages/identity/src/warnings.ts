const DAY_MS = 24 * 3_600_000;

/** Something that ends. */
export interface Expiring {
  /** What it is and whose, such as `certificate:hmi-2`: one warning of each kind is sent for it. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** How many days before, in any order; 0 is when it has ended. */
  readonly days: readonly number[];
}

/** The last warning about a subject. A subject that ends at another time has been renewed: what was sent is forgotten. */
export interface SentWarning {
  readonly expires: number;
  readonly days: number;
}

export interface DueWarning<Item extends Expiring = Expiring> {
  readonly item: Item;
  /** One of its `days`. */
  readonly days: number;
}

/** 30, 7 and 1 days before: keys and certificates. */
export const WARNING_DAYS: readonly number[] = [30, 7, 1];

/**
 * What has to be warned of at `nowMs`: each mark once, and of several that were passed unseen (the site did not run)
 * only the last.
 */
export function dueWarnings<Item extends Expiring>(
  items: readonly Item[],
  sent: ReadonlyMap<string, SentWarning>,
  nowMs: number,
): readonly DueWarning<Item>[] {
  return items.flatMap((item) => {
    const left = (item.expires - nowMs) / DAY_MS;
    const passed = item.days.filter((mark) => left <= mark);
    if (passed.length === 0) return [];
    const days = Math.min(...passed);
    const before = sent.get(item.subject);
    if (left <= 0 && days > 0) return [];
    if (before !== undefined && before.expires === item.expires && before.days <= days) return [];
    return [{ item, days }];
  });
}
