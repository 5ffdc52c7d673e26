import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./lines.ts";

function split(chunks: readonly string[]): (string | undefined)[] {
  const splitter = new LineSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

describe("LineSplitter", () => {
  it("gives the same lines however the text is cut", () => {
    const line = fc.stringMatching(/^[0-9a-f ]{0,20}$/);
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(30)), (lines, cuts) => {
        const text = lines.map((one) => `${one}\n`).join("");
        const chunks: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(text.slice(at, at + cut));
          at += cut;
        }
        chunks.push(text.slice(at));
        expect(split(chunks)).toEqual(lines);
      }),
    );
  });

  it("keeps no more than a bound of a line that does not end, and goes on behind it", () => {
    const chunk = "0".repeat(5000);
    expect(split([chunk, chunk, chunk, "\nok\n"])).toEqual([undefined, "ok"]);
    expect(split([chunk, chunk])).toEqual([undefined]);
  });
});
