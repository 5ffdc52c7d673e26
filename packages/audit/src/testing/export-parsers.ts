/** What a receiver does with the lines of the export formats, written from their specifications and not from ours. */

/** `\\`, `\u001b`, and in CEF `\=`, `\|`, `\n`, `\r`. */
function unescapeText(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|(n)|(r)|(.))/g,
    (_, code?: string, n?: string, r?: string, other?: string) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return n === undefined ? (r === undefined ? (other ?? "") : "\r") : "\n";
    },
  );
}

export interface Cef {
  /** The seven fields of the header, unescaped. */
  readonly header: readonly string[];
  readonly extension: Readonly<Record<string, string>>;
}

/** One line of CEF 0. Throws when it has not seven header fields. */
export function parseCef(line: string): Cef {
  const match = /^((?:(?:[^|\\]|\\.)*\|){7})(.*)$/.exec(line);
  if (match === null) throw new Error(`no CEF: ${line}`);
  const header = [...match[1]!.matchAll(/((?:[^|\\]|\\.)*)\|/g)].map(([, field]) => unescapeText(field!));
  const extension: Record<string, string> = {};
  for (const [, key, value] of match[2]!.matchAll(/(?:^| )([A-Za-z0-9]+)=((?:[^=\\]|\\.)*)(?= [A-Za-z0-9]+=|$)/g)) {
    extension[key!] = unescapeText(value!);
  }
  return { header, extension };
}

/** The cells of one line of CSV (RFC 4180), the mark against formulas taken off and escapes undone. */
export function parseCsvLine(line: string): string[] {
  if (!line.endsWith("\r\n")) throw new Error("the line has no CR LF");
  const cells = [...line.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  return cells.map(([, quoted, plain]) => {
    const text = quoted === undefined ? plain! : quoted.replaceAll('""', '"');
    return unescapeText(text.startsWith("'") ? text.slice(1) : text);
  });
}

/** The fields of one line of Zeek's ASCII form: undefined for `-`. */
export function parseZeekLine(line: string): (string | undefined)[] {
  return line.split("\t").map((field) => (field === "-" ? undefined : unescapeZeek(field)));
}

function unescapeZeek(field: string): string {
  if (field === "(empty)") return "";
  let text = "";
  for (const [, bytes, backslash, other] of field.matchAll(/((?:\\x[0-9a-f]{2})+)|(\\\\)|([\s\S])/g)) {
    if (bytes !== undefined) text += decode(Buffer.from(bytes.replaceAll("\\x", ""), "hex"));
    else text += backslash === undefined ? other! : "\\";
  }
  return text;
}

/** UTF-8, and halves of surrogate pairs in three bytes each (WTF-8). */
function decode(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const isHalf = first === 0xed && bytes[at + 1]! >= 0xa0;
    text += isHalf
      ? String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f))
      : bytes.toString("utf8", at, at + length);
    at += length;
  }
  return text;
}
