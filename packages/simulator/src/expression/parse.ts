import { ExpressionError } from "./error.ts";
import { type Token, tokensOf } from "./tokens.ts";
import {
  type BinaryOperator,
  type FunctionName,
  functionArity,
  type NamedBit,
  reservedWords,
  type Tree,
} from "./tree.ts";

/** Brackets, signs and choices inside each other. */
const MAX_DEPTH = 50;
const MAX_PARTS = 500;

/** Functions of the language that this version does not have. */
const LATER: ReadonlySet<string> = new Set(["csv"]);

const COMPARISONS: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="]);

/**
 * Reads an expression of the closed language. From loosest to tightest: `? :` · `or` `||` · `and` `&&` · `not` ·
 * comparisons · `+ -` · `* / %` · `-` `!`. Throws ExpressionError for anything else, too deep or too large.
 */
export function parseExpression(text: string): Tree {
  return new Parser(tokensOf(text)).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #parts = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Tree {
    const tree = this.#choice();
    if (this.#token.kind !== "end") this.#unexpected("an operator");
    return tree;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #choice(): Tree {
    return this.#nested(() => {
      const condition = this.#or();
      if (!this.#takes("?")) return condition;
      const yes = this.#choice();
      this.#expect(":");
      return this.#part({ kind: "choice", condition, yes, no: this.#choice() });
    });
  }

  #or(): Tree {
    let left = this.#and();
    while (this.#takes("or") || this.#takes("||")) left = this.#binary("or", left, this.#and());
    return left;
  }

  #and(): Tree {
    let left = this.#not();
    while (this.#takes("and") || this.#takes("&&")) left = this.#binary("and", left, this.#not());
    return left;
  }

  #not(): Tree {
    if (!this.#takes("not")) return this.#comparison();
    return this.#nested(() => this.#part({ kind: "not", operand: this.#not() }));
  }

  #comparison(): Tree {
    const left = this.#sum();
    const operator = this.#operator(COMPARISONS);
    if (operator === undefined) return left;
    const tree = this.#binary(operator, left, this.#sum());
    // 1 < x < 3 would compare a truth with a number.
    if (COMPARISONS.has(this.#token.text)) this.#unexpected('"and" between two comparisons');
    return tree;
  }

  #sum(): Tree {
    let left = this.#product();
    for (;;) {
      const operator = this.#operator(new Set(["+", "-"]));
      if (operator === undefined) return left;
      left = this.#binary(operator, left, this.#product());
    }
  }

  #product(): Tree {
    let left = this.#signed();
    for (;;) {
      const operator = this.#operator(new Set(["*", "/", "%"]));
      if (operator === undefined) return left;
      left = this.#binary(operator, left, this.#signed());
    }
  }

  #signed(): Tree {
    if (this.#takes("-")) return this.#nested(() => this.#part({ kind: "minus", operand: this.#signed() }));
    if (this.#takes("!")) return this.#nested(() => this.#part({ kind: "not", operand: this.#signed() }));
    return this.#primary();
  }

  #primary(): Tree {
    const token = this.#token;
    if (token.kind === "number") {
      this.#next += 1;
      return this.#part({ kind: "number", value: token.value });
    }
    if (this.#takes("(")) {
      const tree = this.#choice();
      this.#expect(")");
      return tree;
    }
    if (token.kind !== "name") return this.#unexpected("a value");
    this.#next += 1;
    return this.#takes("(") ? this.#call(token) : this.#name(token);
  }

  #name(token: Token): Tree {
    if (reservedWords.has(token.text) && token.text !== "t" && token.text !== "dt") {
      throw new ExpressionError(token.at, `"${token.text}" is a word of the language: a value is wanted here`);
    }
    if (!this.#takes(".")) return this.#part({ kind: "name", unit: undefined, name: token.text, at: token.at });
    const point = this.#word("the name of a point");
    return this.#part({ kind: "name", unit: token.text, name: point.text, at: token.at });
  }

  #call(token: Token): Tree {
    if (token.text === "fault") {
      const name = this.#token.kind === "text" ? this.#tokens[this.#next++]! : this.#word("the name of a fault");
      this.#expect(")");
      return this.#part({ kind: "fault", name: name.text, at: name.at });
    }
    if (token.text === "bits") return this.#bits(token);
    if (LATER.has(token.text)) {
      throw new ExpressionError(
        token.at,
        `${token.text}() is part of the language, but this version does not have it yet`,
      );
    }
    if (!isFunction(token.text)) throw new ExpressionError(token.at, `there is no function ${token.text}()`);
    const parameters: Tree[] = [];
    do parameters.push(this.#choice());
    while (this.#takes(","));
    this.#expect(")");
    const [least, most, wanted] = functionArity[token.text];
    if (parameters.length < least || parameters.length > most) {
      const given = parameters.length === 1 ? "one value was" : `${parameters.length} values were`;
      throw new ExpressionError(token.at, `it is ${token.text}(${wanted}), and ${given} given`);
    }
    return this.#part({ kind: "call", name: token.text, parameters });
  }

  #bits(token: Token): Tree {
    const bits: NamedBit[] = [];
    do {
      const name = this.#word("the name of a bit");
      this.#expect(":");
      if (bits.some((bit) => bit.name === name.text))
        throw new ExpressionError(name.at, `bit ${name.text} is there twice`);
      bits.push({ name: name.text, at: name.at, condition: this.#choice() });
    } while (this.#takes(","));
    this.#expect(")");
    return this.#part({ kind: "bits", bits, at: token.at });
  }

  #binary(operator: BinaryOperator, left: Tree, right: Tree): Tree {
    return this.#part({ kind: "binary", operator, left, right });
  }

  #part(tree: Tree): Tree {
    this.#parts += 1;
    if (this.#parts > MAX_PARTS)
      throw new ExpressionError(this.#token.at, `an expression has at most ${MAX_PARTS} parts`);
    return tree;
  }

  #nested(inside: () => Tree): Tree {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ExpressionError(this.#token.at, `nested more than ${MAX_DEPTH} deep`);
    const tree = inside();
    this.#depth -= 1;
    return tree;
  }

  #takes(text: string): boolean {
    const token = this.#token;
    if (token.text !== text || token.kind === "end" || token.kind === "text") return false;
    this.#next += 1;
    return true;
  }

  #operator(among: ReadonlySet<string>): BinaryOperator | undefined {
    const { kind, text } = this.#token;
    if (kind !== "symbol" || !among.has(text)) return undefined;
    this.#next += 1;
    return text as BinaryOperator;
  }

  #expect(symbol: string): void {
    if (!this.#takes(symbol)) this.#unexpected(`"${symbol}"`);
  }

  #word(wanted: string): Token {
    const token = this.#token;
    if (token.kind !== "name") return this.#unexpected(wanted);
    this.#next += 1;
    return token;
  }

  #unexpected(wanted: string): never {
    const { at, text, kind } = this.#token;
    throw new ExpressionError(at, `${kind === "end" ? text : `"${text}"`} stands where ${wanted} is wanted`);
  }
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functionArity, name);
}
