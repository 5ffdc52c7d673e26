import type { Access } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import type { Question } from "../../decide/question.ts";
import type { EntryText } from "../../language/text.ts";
import { momentOf } from "../../testing/moment.ts";
import { boiler } from "../../testing/site.ts";
import { moveFacts, moveQuestions } from "./moment.ts";

const LONGEST = 2n ** 63n - 1n;

function questionsOf(...allow: readonly EntryText[]) {
  return moveQuestions({
    policy: 1,
    mode: "enforce",
    roles: [],
    rules: [{ id: "r", permit: {}, allow }],
    tests: [],
  });
}

interface Asked {
  readonly entry: EntryText;
  readonly before: readonly number[];
  readonly access?: Partial<Access>;
  readonly ageMs?: readonly number[];
  readonly extremes?: { readonly least: number | bigint; readonly most: number | bigint };
}

/** The facts of a write to one point, of which `before` is known. */
function facts(id: string, { entry, before, access, ageMs = [], extremes }: Asked) {
  const point = boiler.point(id)!;
  const { table, address, count } = point;
  const registers = Object.fromEntries(
    before.map((value, index) => [`boiler ${table} ${address + index}`, { value, ageMs: ageMs[index] ?? 0 }]),
  );
  const moment = momentOf({
    registers,
    ...(extremes === undefined ? {} : { extremes: { [`boiler ${table} ${address}`]: extremes } }),
  });
  const question: Question = {
    ...{ subject: "hmi-1", role: "Operator", transport: "tls", unit: 1, device: "boiler", functionCode: 16 },
    ...{ accesses: [], moment },
  };
  const asked: Access = { device: "boiler", unit: 1, table, address, quantity: count, write: true, ...access };
  return moveFacts(asked, address, [point], question, questionsOf(entry));
}

describe("how far a write moves a point", () => {
  it.each<[string, readonly number[], readonly number[], bigint]>([
    ["target", [300], [250], 50n],
    ["offset", [0xffff], [2], 3n],
    ["counter", [0, 1], [0xffff, 0], 1n],
    ["energy", [0, 0, 1, 0], [0, 0, 0, 1], 65_535n],
    ["energy", [0, 0, 0, 0], [0xffff, 0xffff, 0xffff, 0xffff], LONGEST],
    ["level", [0, 0], [0x7f80, 0], LONGEST],
    ["enabled", [0], [1], 1n],
  ])("%s from %j to %j", (id, before, values, by) => {
    expect(facts(id, { entry: { write: id, maxStep: 1 }, before, access: { values } })).toEqual({
      move: { [id]: { by, ageMs: 0 } },
    });
  });

  it("is as old as the oldest of its registers", () => {
    const asked = { entry: { write: "counter", maxStep: 1 }, before: [0, 0], access: { values: [1, 0] } };
    expect(facts("counter", { ...asked, ageMs: [40, 5] })).toEqual({ move: { counter: { by: 1n, ageMs: 40 } } });
  });

  it("is found out for the points of a label that is asked about", () => {
    const asked = { before: [300], access: { values: [250] } };
    const moved = { move: { target: { by: 50n, ageMs: 0 } } };
    expect(facts("target", { ...asked, entry: { write: { label: "setpoint" }, maxStep: 1 } })).toEqual(moved);
    expect(facts("target", { ...asked, entry: { write: { label: "command" }, maxStep: 1 } })).toEqual({});
    expect(facts("target", { ...asked, entry: { write: "target", max: 80 } })).toEqual({});
  });

  it("is found out for a register by itself, also through a mask", () => {
    const entry = { functions: [6, 22], maxStep: 1 };
    const mask = { and: 0xff00, or: 0x0005 };
    expect(facts("flags", { entry, before: [0x0103], access: { mask } })).toEqual({
      move: { "": { by: 2n, ageMs: 0 } },
    });
  });

  it("within a span is the farther of the ways from both extremes", () => {
    const entry = { write: "target", maxStep: 1, perSeconds: 60 };
    const asked = { entry, before: [300], access: { values: [250] } };
    expect(facts("target", { ...asked, extremes: { least: 240, most: 310 } })).toMatchObject({
      slew: { "target in 60 s": 60n },
    });
    expect(facts("target", { ...asked, extremes: { least: 100, most: 310 } })).toMatchObject({
      slew: { "target in 60 s": 150n },
    });
    expect(facts("target", asked)).toEqual({ move: { target: { by: 50n, ageMs: 0 } } });
  });

  it.each<[string, string, Omit<Asked, "entry">]>([
    ["a register is not known", "counter", { before: [1], access: { values: [1, 2] } }],
    ["the digits in the device are none", "digits", { before: [0xffff], access: { values: [1] } }],
    ["the digits that are written are none", "digits", { before: [1], access: { values: [0xffff] } }],
    ["it is text", "title", { before: [1, 2, 3, 4], access: { values: [1, 2, 3, 4] } }],
    ["what is written is not known", "target", { before: [300] }],
    ["not all of it is written", "counter", { before: [1, 0], access: { values: [1] } }],
    ["the write begins within it", "counter", { before: [1, 0], access: { address: 5, values: [1, 2] } }],
    ["a mask changes one of its registers", "counter", { before: [1, 0], access: { mask: { and: 0, or: 1 } } }],
    ["it is a read", "target", { before: [300], access: { write: false } }],
    ["no device is asked", "target", { before: [300], access: { device: null, values: [250] } }],
  ])("is nothing where %s", (_, id, asked) => {
    expect(facts(id, { ...asked, entry: { write: id, maxStep: 1 } })).toEqual({});
  });
});
