/**
 * A codec is one frozen object that can size, encode, decode and describe one message.
 * Offsets are bytes; `bytes[at]` is the function code; `end` is exclusive.
 * `decode` throws `BadPduError` for a request and `BadResponseError` for a response, and nothing else.
 */
export interface Codec<Message> {
  readonly kind: string;
  readonly functionCode: number;
  /** Bytes that `encode` writes, function code included. */
  size(message: Message): number;
  /** Writes the PDU at `at` and returns the offset behind it. Throws `BadPduError` for a message outside the limits. */
  encode(message: Message, out: Uint8Array, at: number): number;
  /** Reads the PDU that occupies exactly `at` to `end`. Results never alias `bytes`. */
  decode(bytes: Uint8Array, at: number, end: number): Message;
  /** One line for people. */
  describe(message: Message): string;
}

/** Freezes a codec and keeps the types of its messages. */
export function freeze<Message>(codec: Codec<Message>): Codec<Message> {
  return Object.freeze(codec);
}
