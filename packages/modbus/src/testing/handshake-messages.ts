/** What stands in the clear in a TLS 1.2 handshake. RFC 5246 § 6.2, § 7.4 */

/** Content types of records. */
export const RECORD = { alert: 21, handshake: 22, application: 23 } as const;

/** Types of handshake messages. */
export const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
} as const;

/** Numbers of extensions. */
export const EXTENSION = {
  maxFragmentLength: 1,
  supportedGroups: 10,
  pointFormats: 11,
  signatures: 13,
  supportedVersions: 43,
  renegotiation: 0xff01,
} as const;

interface Record {
  readonly type: number;
  readonly content: Buffer;
}

interface Message {
  readonly type: number;
  readonly body: Buffer;
}

/** ClientHello or ServerHello. */
export interface Hello {
  readonly version: number;
  readonly suites: readonly number[];
  readonly compression: readonly number[];
  readonly extensions: ReadonlyMap<number, Buffer>;
}

export function recordsOf(bytes: Buffer): readonly Record[] {
  const records: Record[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    records.push({ type: bytes[at]!, content: bytes.subarray(at + 5, end) });
    at = end;
  }
  return records;
}

/** The handshake messages before the first encrypted record. */
export function messagesOf(bytes: Buffer): readonly Message[] {
  const records = recordsOf(bytes);
  const encrypted = records.findIndex(({ type }) => type !== RECORD.handshake);
  const clear = Buffer.concat(records.slice(0, encrypted < 0 ? undefined : encrypted).map(({ content }) => content));
  const messages: Message[] = [];
  for (let at = 0; at + 4 <= clear.length; ) {
    const end = at + 4 + clear.readUIntBE(at + 1, 3);
    messages.push({ type: clear[at]!, body: clear.subarray(at + 4, end) });
    at = end;
  }
  return messages;
}

export function messageOf(bytes: Buffer, type: number): Buffer {
  const found = messagesOf(bytes).find((message) => message.type === type);
  if (found === undefined) throw new Error(`there is no handshake message ${type}`);
  return found.body;
}

/** The certificates of a Certificate message, DER. */
export function certificatesOf(body: Buffer): readonly Buffer[] {
  const certificates: Buffer[] = [];
  for (let at = 3; at < body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3);
    certificates.push(body.subarray(at + 3, end));
    at = end;
  }
  return certificates;
}

/** The body of a ClientHello. */
export function clientHello(body: Buffer): Hello {
  let at = 34;
  at += 1 + body[at]!;
  const suites = numbers(body.subarray(at + 2, at + 2 + body.readUInt16BE(at)));
  at += 2 + body.readUInt16BE(at);
  const compression = [...body.subarray(at + 1, at + 1 + body[at]!)];
  at += 1 + body[at]!;
  return { version: body.readUInt16BE(0), suites, compression, extensions: extensionsOf(body, at) };
}

/** The body of a ServerHello: one suite, one compression. */
export function serverHello(body: Buffer): Hello {
  const at = 35 + body[34]!;
  return {
    version: body.readUInt16BE(0),
    suites: [body.readUInt16BE(at)],
    compression: [body[at + 2]!],
    extensions: extensionsOf(body, at + 3),
  };
}

/** Numbers of 16 bits, one behind the other. */
export function numbers(bytes: Buffer): readonly number[] {
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index));
}

/** A ClientHello with other suites, without sessions and, when given, other extensions: the whole record. */
export function helloRecord(options: {
  readonly version?: number;
  readonly suites: readonly number[];
  readonly extensions?: ReadonlyMap<number, Buffer>;
}): Buffer {
  const { version = 0x0303, suites, extensions } = options;
  const words = (values: readonly number[]): Buffer =>
    Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
  const fields = [...(extensions ?? [])].map(([type, value]) => Buffer.concat([words([type, value.length]), value]));
  const tail = Buffer.concat(fields);
  const body = Buffer.concat([
    ...[words([version]), Buffer.alloc(32, 7), Buffer.of(0), words([2 * suites.length, ...suites]), Buffer.of(1, 0)],
    ...(extensions === undefined ? [] : [words([tail.length]), tail]),
  ]);
  const message = Buffer.concat([Buffer.of(MESSAGE.clientHello, 0), words([body.length]), body]);
  return Buffer.concat([Buffer.of(RECORD.handshake, 3, 1), words([message.length]), message]);
}

function extensionsOf(body: Buffer, from: number): ReadonlyMap<number, Buffer> {
  const extensions = new Map<number, Buffer>();
  for (let at = from + 2; at + 4 <= body.length; ) {
    const end = at + 4 + body.readUInt16BE(at + 2);
    extensions.set(body.readUInt16BE(at), body.subarray(at + 4, end));
    at = end;
  }
  return extensions;
}
