import type { Point } from "@modwarden/profile";
import { isFloat, orderedFloat, orderedNumber } from "./raw.ts";

/** Limits of a point in engineering units, on its ordered raw number; both inclusive. */
export interface OrderedBounds {
  readonly least?: bigint;
  readonly most?: bigint;
}

/**
 * The raw numbers whose engineering value lies within: of whole numbers the nearest inside, of floats the limit as the
 * device would hold it. A negative scale turns the order round.
 */
export function orderedBounds(point: Point, min: number | undefined, max: number | undefined): OrderedBounds {
  const turned = point.type !== "bool" && factorOf(point).numerator < 0n;
  const [low, high] = turned ? [max, min] : [min, max];
  const least = low === undefined ? undefined : bound(point, low, true);
  const most = high === undefined ? undefined : bound(point, high, false);
  return { ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
}

/** The raw number that means exactly this value; undefined: there is none. */
export function exactRaw(point: Point, value: number): bigint | undefined {
  const { least, most } = orderedBounds(point, value, value);
  return least === most ? least : undefined;
}

/** The greatest distance between raw numbers that lie a step apart, whichever way the device rounds them. */
export function rawStep(point: Point | undefined, step: number): bigint {
  if (point === undefined || point.type === "bool") return ceiling(decimal(step));
  const { numerator, denominator } = factorOf(point);
  const size = numerator < 0n ? -numerator : numerator;
  const stated = decimal(step);
  const raw = { numerator: stated.numerator * denominator, denominator: stated.denominator * size };
  return isFloat(point) ? orderedFloat(Number(raw.numerator) / Number(raw.denominator), false)! : ceiling(raw);
}

/** `limit / scale`, rounded towards the inside. */
function bound(point: Point, limit: number, up: boolean): bigint | undefined {
  if (point.table === "coil" || point.type === "bool") return up ? ceiling(decimal(limit)) : floor(decimal(limit));
  const scale = factorOf(point);
  const { numerator, denominator } = decimal(limit);
  const raw = positive({ numerator: numerator * scale.denominator, denominator: denominator * scale.numerator });
  if (isFloat(point)) return orderedNumber(point, Number(raw.numerator) / Number(raw.denominator));
  return orderedNumber(point, up ? ceiling(raw) : floor(raw));
}

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function factorOf(point: Point): Fraction {
  return point.factor ?? { numerator: 1n, denominator: 1n };
}

/** A number as it is written in decimal, exactly. */
function decimal(value: number): Fraction {
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const [whole, fraction = ""] = digits.split(".") as [string, string?];
  const power = Number(exponent) - fraction.length;
  const numerator = BigInt(whole + fraction);
  return power >= 0
    ? { numerator: numerator * 10n ** BigInt(power), denominator: 1n }
    : { numerator, denominator: 10n ** BigInt(-power) };
}

function positive({ numerator, denominator }: Fraction): Fraction {
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator };
}

/** BigInt division cuts towards zero. */
function floor({ numerator, denominator }: Fraction): bigint {
  const cut = numerator / denominator;
  return cut * denominator > numerator ? cut - 1n : cut;
}

function ceiling({ numerator, denominator }: Fraction): bigint {
  return -floor({ numerator: -numerator, denominator });
}
