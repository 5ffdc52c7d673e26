import { type ValueType, valueTypes, type WordOrder, wordOrders } from "@modwarden/protocol";
import { InvalidArgumentError } from "commander";

/** A whole number in a range, decimal or 0x. For commander's option and argument parsers. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = parseWhole(text);
    if (number === undefined || number < least || number > most) {
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
    }
    return number;
  };
}

/** A decimal or 0x number without a sign; undefined for anything else. */
export function parseWhole(text: string): number | undefined {
  return /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : undefined;
}

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`One of ${words.join(", ")} is wanted.`);
    return found;
  };
}

/** For an option that may stand there several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

export const valueType: (text: string) => ValueType = oneOf(valueTypes);
export const wordOrder: (text: string) => WordOrder = oneOf(wordOrders);
