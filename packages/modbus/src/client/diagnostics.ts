import { ModbusError } from "@modwarden/protocol";
import { TimeoutError } from "../errors.ts";
import type { Sender } from "./sender.ts";

/**
 * The sub-functions of function 8 by name, for serial lines and for devices that offer them elsewhere. Counters are
 * 16 bits wide and of the device; what each counts says MODBUS Application Protocol V1.1b3 § 6.8.
 */
export class DiagnosticRequests<O> {
  readonly #sender: Sender<O>;

  constructor(sender: Sender<O>) {
    this.#sender = sender;
  }

  /** 8/0: the device sends the data back, 2 to 250 bytes and an even number of them. */
  async returnQueryData(data: Uint8Array, options?: O): Promise<void> {
    // The answer is compared with them, whatever the caller does with the array meanwhile.
    await this.#ask(0, data.slice(), options);
  }

  /**
   * 8/1: the device starts its line anew and clears its counters, with `clearLog` its event log too. It is the only
   * way out of listen-only mode, in which a device does not answer: `listenOnly` says that it is in it, and then this
   * resolves when nothing has come within the time-out.
   */
  async restartCommunications(
    options?: O & { readonly clearLog?: boolean; readonly listenOnly?: boolean },
  ): Promise<void> {
    const asked = this.#ask(1, wordOf(options?.clearLog === true ? 0xff00 : 0), options);
    await (options?.listenOnly === true ? unanswered(asked) : asked);
  }

  /** 8/2: sixteen bits of the device's own choice. */
  returnDiagnosticRegister(options?: O): Promise<number> {
    return this.#count(2, options);
  }

  /** 8/3: the character that ends ASCII frames in place of the line feed, 0 to 127. */
  async changeAsciiDelimiter(character: number | string, options?: O): Promise<void> {
    const code = typeof character === "string" && character.length === 1 ? character.charCodeAt(0) : character;
    if (typeof code !== "number" || !Number.isInteger(code) || code < 0 || code > 0x7f) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${JSON.stringify(character)} is not one ASCII character`);
    }
    await this.#ask(3, wordOf(code << 8), options);
  }

  /**
   * 8/4: the device neither answers nor acts any more until it is restarted. It does not answer this either, so it
   * resolves when nothing has come within the time-out, and rejects when the device refuses with an exception.
   */
  async forceListenOnly(options?: O): Promise<void> {
    await unanswered(this.#ask(4, wordOf(0), options));
  }

  /** 8/10: all counters and the diagnostic register to 0. */
  async clearCounters(options?: O): Promise<void> {
    await this.#ask(10, wordOf(0), options);
  }

  /** 8/11: messages on the line since its last restart, whoever they were for. */
  busMessageCount(options?: O): Promise<number> {
    return this.#count(11, options);
  }

  /** 8/12: messages with a wrong check sum. */
  busCommunicationErrorCount(options?: O): Promise<number> {
    return this.#count(12, options);
  }

  /** 8/13: exceptions that the device answered, those to broadcasts included. */
  busExceptionErrorCount(options?: O): Promise<number> {
    return this.#count(13, options);
  }

  /** 8/14: messages to this device, broadcasts included. */
  serverMessageCount(options?: O): Promise<number> {
    return this.#count(14, options);
  }

  /** 8/15: messages to this device that it did not answer. */
  serverNoResponseCount(options?: O): Promise<number> {
    return this.#count(15, options);
  }

  /** 8/16: messages that it answered with exception 7, negative acknowledge. */
  serverNakCount(options?: O): Promise<number> {
    return this.#count(16, options);
  }

  /** 8/17: messages that it answered with exception 6, busy. */
  serverBusyCount(options?: O): Promise<number> {
    return this.#count(17, options);
  }

  /** 8/18: messages that it lost because characters came faster than it took them. */
  busCharacterOverrunCount(options?: O): Promise<number> {
    return this.#count(18, options);
  }

  /** 8/20: the overrun counter and its flag to 0. */
  async clearOverrun(options?: O): Promise<void> {
    await this.#ask(20, wordOf(0), options);
  }

  async #ask(subFunction: number, data: Uint8Array, options: O | undefined): Promise<Uint8Array> {
    return (await this.#sender.request({ kind: "diagnostics", subFunction, data }, options)).data;
  }

  async #count(subFunction: number, options: O | undefined): Promise<number> {
    const data = await this.#ask(subFunction, wordOf(0), options);
    return (data[0]! << 8) | data[1]!;
  }
}

function wordOf(word: number): Uint8Array {
  return Uint8Array.of(word >>> 8, word & 0xff);
}

/** Silence is what was asked for. */
async function unanswered(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
  }
}
