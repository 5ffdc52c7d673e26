import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { modwarden } from "./modwarden.ts";

const path = fileURLToPath(new URL("../../../shared/data/vectors.json", import.meta.url));

interface Vector {
  readonly transport: "pdu" | "tcp" | "rtu" | "ascii";
  readonly direction: "request" | "response";
  readonly valid: boolean;
  readonly hex: string;
  readonly expect: { readonly unitId?: number; readonly pdu?: Readonly<Record<string, unknown>> };
}

describe.skipIf(!existsSync(path))(`decode over the shared vectors (skipped where ${path} is missing)`, () => {
  const vectors = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { vectors: Vector[] }).vectors : [];

  for (const transport of ["pdu", "tcp", "rtu", "ascii"] as const) {
    for (const direction of ["request", "response"] as const) {
      it(`says of each ${transport} ${direction} what it is`, async () => {
        const chosen = vectors.filter((vector) => vector.transport === transport && vector.direction === direction);
        expect(chosen.length).toBeGreaterThan(5);
        const input = chosen.map((vector) => `${vector.hex}\n`).join("");
        const { code, json } = await modwarden(["decode", "-", `--${transport}`, `--${direction}`, "--json"], {
          input,
        });
        expect(code).toBe(chosen.every((vector) => vector.valid) ? 0 : 1);
        expect(json).toHaveLength(chosen.length);
        for (const [index, vector] of chosen.entries()) expect(json[index]).toMatchObject(documentOf(vector));
      });
    }
  }
});

function documentOf({ transport, direction, valid, expect: expected }: Vector): object {
  if (!valid) return { valid: false };
  const { fc, note: _note, ...fields } = expected.pdu ?? {};
  const unit = expected.unitId === undefined ? {} : { unit: expected.unitId };
  return { valid: true, transport, direction, ...unit, pdu: { function: fc, ...fields } };
}
