import { expect, test } from "vitest";
import { parseHex, toHex } from "../hex.ts";
import type { Request, Response } from "./messages.ts";
import { clearPadding } from "./padding.ts";

const asked = (quantity: number): Request => ({ kind: "read-coils", address: 0, quantity });
const bits = (hex: string): Response => ({ kind: "read-coils", bytes: parseHex(hex) });

test.each([
  [1, "ff", "01"],
  [7, "ff", "7f"],
  [8, "ff", "ff"],
  [9, "ffff", "ff01"],
  [15, "ff80", "ff00"],
  [16, "ffff", "ffff"],
])("of %i coils in %s remain %s", (quantity, given, sent) => {
  const response = bits(given);
  const cleared = clearPadding(asked(quantity), response) as { readonly bytes: Uint8Array };
  expect(toHex(cleared.bytes)).toBe(sent);
  expect(response).toEqual(bits(given));
  expect(cleared === response).toBe(given === sent);
});

test("discrete inputs are bits too, anything else is left alone", () => {
  const inputs = { kind: "read-discrete-inputs", bytes: Uint8Array.of(0xff) } as const;
  expect(clearPadding({ kind: "read-discrete-inputs", address: 0, quantity: 4 }, inputs)).toEqual({
    ...inputs,
    bytes: Uint8Array.of(0x0f),
  });
  const registers: Response = { kind: "read-holding-registers", registers: Uint16Array.of(7) };
  expect(clearPadding({ kind: "read-holding-registers", address: 0, quantity: 1 }, registers)).toBe(registers);
  expect(clearPadding(asked(4), inputs)).toBe(inputs);
  expect(clearPadding(asked(4), bits(""))).toEqual(bits(""));
});
