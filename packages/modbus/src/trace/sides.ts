import type { Direction, LineSide } from "@modwarden/protocol";

/** One way of a line on which nothing but requests, or nothing but responses, can be. */
export class OneWay implements LineSide {
  /** The length of the next response to return query data, which tells none itself. */
  queryLength = 0;
  readonly #directions: readonly Direction[];

  constructor(direction: Direction) {
    this.#directions = [direction];
  }

  directions(): readonly Direction[] {
    return this.#directions;
  }

  usualLength(functionCode: number): number {
    return functionCode === DIAGNOSTICS ? this.queryLength : 0;
  }

  heard(): void {}

  reset(): void {}
}

export const DIAGNOSTICS = 8;
