/**
 * A decimal as an exact fraction. Scales are written in decimal; 499 x 0.1 in binary is 49.900000000000006, while
 * 499 x 1 / 10 is 49.9, and a limit must fall on the same raw integer on every machine.
 */
export interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** The fraction that a number means as it is written: 0.0061035 is 61035 / 10000000. */
export function fractionOf(value: number): Fraction {
  const written = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (written === null) throw new RangeError(`${value} is not a finite number`);
  const decimals = written[3] ?? "";
  const digits = BigInt(`${written[2] ?? "0"}${decimals}`);
  const signed = written[1] === "-" ? -digits : digits;
  const exponent = Number(written[4] ?? "0") - decimals.length;
  return exponent >= 0
    ? { numerator: signed * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: signed, denominator: 10n ** BigInt(-exponent) };
}

/** `value / by`, exactly. `by` is not zero. */
export function divide(value: Fraction, by: Fraction): Fraction {
  const sign = by.numerator < 0n ? -1n : 1n;
  return {
    numerator: value.numerator * by.denominator * sign,
    denominator: value.denominator * by.numerator * sign,
  };
}

/** The greatest whole number that is not greater. */
export function floor(value: Fraction): bigint {
  const quotient = value.numerator / value.denominator;
  return value.numerator % value.denominator < 0n ? quotient - 1n : quotient;
}

/** The smallest whole number that is not smaller. */
export function ceil(value: Fraction): bigint {
  return -floor({ numerator: -value.numerator, denominator: value.denominator });
}

/** The nearest double. */
export function toNumber(value: Fraction): number {
  return Number(value.numerator) / Number(value.denominator);
}
