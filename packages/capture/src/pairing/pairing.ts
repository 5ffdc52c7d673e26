import type { Where } from "@modwarden/access";
import type { CapturedItem } from "../item.ts";
import type { Counters } from "../statistics.ts";
import type { Output, Slot } from "./output.ts";
import {
  type Ends,
  exchange,
  lonelyResponse,
  type RequestMessage,
  type ResponseMessage,
  unfitness,
} from "./transaction.ts";

/**
 * A client that uses the id of an unanswered request again after so many seconds has given that one up. One that does
 * it sooner sends several requests under one id, and gets as many answers.
 */
const GIVEN_UP_AFTER = 0.1;
/** Requests under one id that a response is compared with. */
const MAX_COMPARED = 8;

/** The requests of one connection that wait for their responses. */
export class Pairing {
  readonly #ends: Ends;
  readonly #whereOf: (unit: number) => Where;
  readonly #output: Output;
  readonly #counters: Counters;
  readonly #maxOutstanding: number;
  #waiting: WaitingRequest[] = [];

  constructor(
    ends: Ends,
    whereOf: (unit: number) => Where,
    output: Output,
    counters: Counters,
    maxOutstanding: number,
  ) {
    this.#ends = ends;
    this.#whereOf = whereOf;
    this.#output = output;
    this.#counters = counters;
    this.#maxOutstanding = maxOutstanding;
  }

  request(message: RequestMessage): void {
    this.#counters.requests++;
    for (const earlier of this.#waiting) {
      if (earlier.isLike(message) && message.packet.time - earlier.time >= GIVEN_UP_AFTER) earlier.giveUp();
    }
    const request = new WaitingRequest(this.#ends, this.#whereOf(message.unit), message, this.#counters);
    this.#waiting.push(request);
    this.#output.add(request);
    this.#forgetDone();
    if (this.#waiting.length > this.#maxOutstanding) this.#waiting.shift()!.giveUp();
  }

  /**
   * The response is to the first request of its transaction id, unit and function that it fits, else to the first. One
   * that is passed over so will get none: under the same id a server answers in order.
   */
  response(message: ResponseMessage): void {
    this.#counters.responses++;
    const candidates = this.#waiting.filter((request) => request.item === undefined && request.isLike(message));
    const fitting = candidates
      .slice(0, MAX_COMPARED)
      .findIndex((request) => unfitness(request.message, message) === undefined);
    const chosen = candidates[Math.max(0, fitting)];
    if (chosen === undefined) {
      this.#counters.responsesWithoutRequest++;
      this.#output.put(lonelyResponse(this.#ends, message), message.packet.time);
      return;
    }
    for (const passed of candidates.slice(0, Math.max(0, fitting))) passed.giveUp();
    chosen.answer(message);
    this.#forgetDone();
  }

  /** The connection has ended. */
  end(): void {
    for (const request of this.#waiting) request.leave();
    this.#waiting = [];
  }

  #forgetDone(): void {
    this.#waiting = this.#waiting.filter((request) => request.item === undefined);
  }
}

class WaitingRequest implements Slot {
  readonly message: RequestMessage;
  readonly #ends: Ends;
  readonly #where: Where;
  readonly #counters: Counters;
  #item: CapturedItem | undefined;

  constructor(ends: Ends, where: Where, message: RequestMessage, counters: Counters) {
    this.#ends = ends;
    this.#where = where;
    this.message = message;
    this.#counters = counters;
  }

  get item(): CapturedItem | undefined {
    return this.#item;
  }

  get time(): number {
    return this.message.packet.time;
  }

  isLike(other: RequestMessage | ResponseMessage): boolean {
    const { transaction, unit, functionCode } = this.message;
    return (
      other.transaction === transaction && other.unit === unit && (other.functionCode & 0x7f) === (functionCode & 0x7f)
    );
  }

  answer(response: ResponseMessage): void {
    this.#counters.matched++;
    this.#item = exchange(this.#ends, this.#where, this.message, response);
  }

  /** Nothing can come any more. */
  leave(): void {
    if (this.#item !== undefined) return;
    this.#counters.requestsWithoutResponse++;
    this.#item = exchange(this.#ends, this.#where, this.message, undefined);
  }

  giveUp(): void {
    if (this.#item !== undefined) return;
    this.#counters.givenUp++;
    this.leave();
  }
}
