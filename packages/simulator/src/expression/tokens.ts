import { ExpressionError } from "./error.ts";

export interface Token {
  readonly kind: "number" | "name" | "text" | "symbol" | "end";
  readonly text: string;
  readonly value: number;
  readonly at: number;
}

/** Expressions are written by people: a longer one is a mistake. The same bound stands in the file's schema. */
const MAX_LENGTH = 2000;

const SYMBOLS = [
  "<=",
  ">=",
  "==",
  "!=",
  "&&",
  "||",
  "+",
  "-",
  "*",
  "/",
  "%",
  "<",
  ">",
  "!",
  "?",
  ":",
  "(",
  ")",
  ",",
  ".",
];

const spaces = /\s+/y;
const number = /0x[0-9a-fA-F]{1,13}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const name = /[a-zA-Z_]\w*/y;
const quoted = /'([^']*)'|"([^"]*)"/y;

/** Cuts an expression into its words. Throws ExpressionError at the first character that begins none. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MAX_LENGTH)
    throw new ExpressionError(MAX_LENGTH, `an expression has at most ${MAX_LENGTH} characters`);
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += match(spaces)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token =
      numberAt(match(number), at) ?? nameAt(match(name), at) ?? textAt(match(quoted), at) ?? symbolAt(text, at);
    if (token === undefined) throw new ExpressionError(at, `"${text[at]}" has no meaning here`);
    tokens.push(token);
    at += token.kind === "text" ? token.text.length + 2 : token.text.length;
  }
  tokens.push({ kind: "end", text: "the end", value: 0, at: text.length });
  return tokens;
}

function numberAt(found: RegExpExecArray | null, at: number): Token | undefined {
  return found === null ? undefined : { kind: "number", text: found[0], value: Number(found[0]), at };
}

function nameAt(found: RegExpExecArray | null, at: number): Token | undefined {
  return found === null ? undefined : { kind: "name", text: found[0], value: 0, at };
}

function textAt(found: RegExpExecArray | null, at: number): Token | undefined {
  return found === null ? undefined : { kind: "text", text: found[1] ?? found[2] ?? "", value: 0, at };
}

function symbolAt(text: string, at: number): Token | undefined {
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at));
  return symbol === undefined ? undefined : { kind: "symbol", text: symbol, value: 0, at };
}
