import fc from "fast-check";
import { expect, it } from "vitest";
import { compilePolicy, type PolicyFile, type Question, type RangeText, type RuleText } from "../index.ts";
import { arbitraryPolicy } from "../testing/arbitrary-policy.ts";
import { documentOf } from "../testing/document.ts";
import { fittingQuestion } from "../testing/fitting-question.ts";
import { devices } from "../testing/site.ts";
import { soundRules } from "../testing/sound-rules.ts";

/** `npm run oracle` asks for ten thousand. */
const RUNS = Number(process.env["ORACLE_RUNS"] ?? 40);
const QUESTIONS = 5;

interface World {
  readonly file: PolicyFile;
  /** A rule of another policy, under an id that is free. */
  readonly other: RuleText;
  readonly questions: readonly Question[];
  readonly shuffled: readonly RuleText[];
}

const world: fc.Arbitrary<World> = fc
  .tuple(arbitraryPolicy.map(soundRules), arbitraryPolicy.map(soundRules))
  .filter(([file, others]) => file.rules.length > 0 && others.rules.length > 0)
  .chain(([file, others]) =>
    fc.record({
      file: fc.constant(file),
      other: fc.constantFrom(...others.rules).map((rule) => ({ ...rule, id: "another" })),
      questions: fc.array(fittingQuestion({ ...file, rules: [...file.rules, ...others.rules] }), {
        minLength: QUESTIONS,
        maxLength: QUESTIONS,
      }),
      shuffled: fc.shuffledSubarray([...file.rules], { minLength: file.rules.length }),
    }),
  );

function permits(file: PolicyFile, questions: readonly Question[]): readonly boolean[] {
  const policy = compilePolicy(documentOf(file), devices, { sha256: () => "" });
  return questions.map((question) => policy.decide(question).permit);
}

/** Every list of ranges of the rule, cut into smaller ones that cover the same. */
function splitRanges(rule: RuleText): RuleText {
  const cut = (ranges: readonly RangeText[] | undefined) => ranges?.flatMap(halves);
  const entries = (list: RuleText["allow"]) =>
    list?.map((entry) => ({
      ...entry,
      ...(entry.addresses && { addresses: cut(entry.addresses) }),
      ...(entry.files && { files: cut(entry.files) }),
      ...(entry.records && { records: cut(entry.records) }),
    }));
  return {
    ...rule,
    ...(rule.units && { units: cut(rule.units) }),
    ...(rule.allow && { allow: entries(rule.allow) }),
    ...(rule.deny && { deny: entries(rule.deny) }),
  };
}

function halves(range: RangeText): readonly RangeText[] {
  const [start, end] = String(range).split("-").map(Number);
  if (end === undefined || end <= start!) return [range];
  const middle = Math.floor((start! + end) / 2);
  return [`${start}-${middle}`, `${middle + 1}-${end}`];
}

/** One rule as two: the first half of an entry's addresses in one, the second in the other. */
function splitRules(rule: RuleText): readonly RuleText[] {
  const side = rule.forbid === undefined ? "allow" : "deny";
  const entries = rule[side] ?? [];
  // Each rule has a bucket and approvals of its own.
  const uses = rule.rate !== undefined || rule.approval !== undefined;
  if (uses || !entries.some(({ addresses }) => addresses !== undefined)) return [rule];
  const half = (wanted: 0 | 1) =>
    entries.map((entry) =>
      entry.addresses === undefined
        ? entry
        : { ...entry, addresses: entry.addresses.map((range) => halves(range)[wanted] ?? range) },
    );
  return [
    { ...rule, [side]: half(0) },
    { ...rule, id: `${rule.id}-b`, [side]: half(1) },
  ];
}

function another(file: PolicyFile, rule: RuleText): PolicyFile {
  return soundRules({ ...file, rules: [...file.rules, rule] });
}

function asForbid(rule: RuleText): RuleText {
  const { permit, allow: _allow, rate: _rate, approval: _approval, forbid, ...rest } = rule;
  const deny = (rule.deny ?? rule.allow ?? []).map(
    ({
      min: _min,
      max: _max,
      values: _values,
      mask: _mask,
      maxStep: _step,
      perSeconds: _per,
      maxAgeMs: _age,
      ...entry
    }) => entry,
  );
  return { ...rest, forbid: forbid ?? permit!, deny };
}

function asPermit(rule: RuleText): RuleText {
  const { forbid, deny, ...rest } = rule;
  return forbid === undefined ? rule : { ...rest, permit: forbid, allow: deny ?? [] };
}

/** So that no property holds because nothing ever changes. */
const seen = { permitted: 0, refused: 0, fewer: 0, more: 0 };

it(`of every policy, ${RUNS} times: forbids only refuse, permits only permit, order and splitting change nothing`, {
  timeout: 3_600_000,
}, () => {
  fc.assert(
    fc.property(world, ({ file, other, questions, shuffled }) => {
      const was = permits(file, questions);
      const stricter = permits(another(file, asForbid(other)), questions);
      const looser = permits(another(file, asPermit(other)), questions);
      for (const [index, permitted] of was.entries()) {
        if (stricter[index]) expect(permitted, "another forbid permits more").toBe(true);
        if (permitted) expect(looser[index], "another permit refuses more").toBe(true);
        seen[permitted ? "permitted" : "refused"] += 1;
        if (permitted && !stricter[index]) seen.fewer += 1;
        if (!permitted && looser[index]) seen.more += 1;
      }
      expect(permits({ ...file, rules: shuffled }, questions), "the order of rules matters").toEqual(was);
      expect(permits({ ...file, rules: file.rules.map(splitRanges) }, questions), "a split range").toEqual(was);
      expect(permits({ ...file, rules: file.rules.flatMap(splitRules) }, questions), "a split rule").toEqual(was);
    }),
    { numRuns: RUNS },
  );
  if (process.env["ORACLE_RUNS"] !== undefined) process.stdout.write(`${RUNS} runs: ${JSON.stringify(seen)}\n`);
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
});
