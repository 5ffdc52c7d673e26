/** One message of the syslog protocol (RFC 5424). */
export interface SyslogMessage {
  /** 0 (emergency) to 7 (debug). RFC 5424, 6.2.1. */
  readonly severity: number;
  /** RFC 3339 with at most six digits behind the point. */
  readonly time: string;
  readonly host: string;
  /** What type of message it is. */
  readonly type: string;
  /** Parameters of its one element of structured data. */
  readonly data: Readonly<Record<string, string | number>>;
  readonly text: string;
}

/** "log audit" (RFC 5424, table 1). */
const FACILITY = 13;
/**
 * The number that RFC 5612 keeps for examples: the project has no enterprise number of its own, and a receiver knows
 * the element by its name all the same.
 */
const ELEMENT = "modwarden@32473";
/** A receiver takes what begins with it for UTF-8 (RFC 5424, 6.4); a text of ASCII alone needs no sign. */
const BOM = "\ufeff";
const LONGEST = { host: 255, type: 32 } as const;

/** The bytes of a message, without framing. */
export function syslogBytes({ severity, time, host, type, data, text }: SyslogMessage): Buffer {
  const parameters = Object.entries(data).map(([name, value]) => ` ${name}="${parameter(String(value))}"`);
  const head = `<${FACILITY * 8 + severity}>1 ${time} ${printable(host, LONGEST.host)} modwarden ${process.pid} ${printable(type, LONGEST.type)}`;
  const body = isAscii(text) ? text : `${BOM}${text}`;
  return Buffer.from(`${head} [${ELEMENT}${parameters.join("")}] ${body}`, "utf8");
}

/** A message as it goes over a stream: its length before it (RFC 5425, 4.3). */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** `"`, `\` and `]` are escaped (RFC 5424, 6.3.3). */
function parameter(value: string): string {
  return value.replace(/["\\\]]/g, (character) => `\\${character}`);
}

/** PRINTUSASCII of a bounded length; `-` where nothing is left. */
function printable(text: string, longest: number): string {
  return text.replace(/[^\u0021-\u007e]/g, "").slice(0, longest) || "-";
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}
