import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("./styles.css", import.meta.url), "utf8");

type Palette = Readonly<Record<string, string>>;

function paletteIn(text: string, prefix: string): Palette {
  const found = text.matchAll(new RegExp(`--${prefix}([\\w-]+): (#[0-9a-f]{6});`, "g"));
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value]));
}

const [light = "", dark = ""] = css.slice(css.indexOf("@layer base")).split("prefers-color-scheme: dark");
const schemes: readonly (readonly [string, Palette])[] = [
  ["light", paletteIn(light, "")],
  ["dark", paletteIn(dark, "")],
];
const bar = paletteIn(css, "color-bar");

/** WCAG 2.2 § 1.4.3, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const texts = ["ink", "quiet", "accent", "good", "warn", "bad"];
const grounds = ["ground", "panel", "raised", "warn-soft", "bad-soft"];

test.each(schemes)("every text can be read on every ground, %s", (_, palette) => {
  for (const text of texts) {
    for (const ground of grounds) {
      const [front, back] = [palette[text], palette[ground]];
      if (front === undefined || back === undefined) throw new Error(`${text} on ${ground} is not in the palette`);
      expect(contrast(front, back), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test("and on the bar", () => {
  const ground = css.match(/--color-bar: (#[0-9a-f]{6})/)?.[1] ?? "";
  for (const name of ["-ink", "-quiet", "-accent", "-warn", "-bad"]) {
    expect(contrast(bar[name] ?? "", ground), name).toBeGreaterThanOrEqual(4.5);
  }
});
