/** Two samples and how surely their means differ. */
export interface Comparison {
  readonly pair: readonly [string, string];
  /** Welch's t over everything. */
  readonly t: number;
  /** Over the fastest nine tenths of both together: what an attacker does who leaves out the noise. */
  readonly tCropped: number;
}

/** Beyond this two distributions are taken for different: the threshold of test vector leakage assessment, ISO/IEC 17825. */
export const THRESHOLD = 4.5;

const CROP = 0.9;

export function compareAll(samples: ReadonlyMap<string, readonly number[]>): readonly Comparison[] {
  const all = [...samples.values()].flat().sort((left, right) => left - right);
  const most = all[Math.floor(all.length * CROP)] ?? Number.POSITIVE_INFINITY;
  const names = [...samples.keys()];
  return names.flatMap((left, at) =>
    names.slice(at + 1).map((right) => {
      const [a, b] = [samples.get(left) ?? [], samples.get(right) ?? []];
      const within = (values: readonly number[]): readonly number[] => values.filter((value) => value <= most);
      return { pair: [left, right] as const, t: welch(a, b), tCropped: welch(within(a), within(b)) };
    }),
  );
}

/** Welch's t: the difference of the means over its standard error, for samples of different variance. */
export function welch(a: readonly number[], b: readonly number[]): number {
  const error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  return error === 0 ? 0 : (mean(a) - mean(b)) / error;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
