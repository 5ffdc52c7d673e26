/**
 * What one decision costs, and that it does not grow with the number of rules.
 * Run: node --conditions=@modwarden/source bench/policy.bench.ts
 */
import { accessesOf } from "@modwarden/access";
import { compilePolicy, type Policy, type PolicyDevice, type Question, readPolicy } from "@modwarden/policy";
import { functionCodeOf, type Request } from "@modwarden/protocol";

const ROLES = ["Viewer", "Operator", "Engineer", "Service"];
const DEVICES = 20;
const ROUNDS = 200_000;

/** A small generator with a seed, so that every run measures the same. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Timed {
  readonly policy: Policy;
  readonly readMs: number;
  readonly compileMs: number;
}

function policyOf(count: number, devices: readonly PolicyDevice[]): Timed {
  const pick = random(count);
  const rules = Array.from({ length: count }, (_, index) => {
    const start = pick(60_000);
    const end = start + 1 + pick(500);
    const functions = pick(2) === 0 ? [3, 4] : [6, 16];
    const limits = functions[0] === 6 && pick(2) === 0 ? { min: pick(100), max: 1000 + pick(1000) } : {};
    return {
      id: `r${index}`,
      ...(pick(20) === 0 ? { forbid: { roles: "*" } } : { permit: { roles: [ROLES[pick(4)]] } }),
      units: [1 + pick(DEVICES)],
      entry: { functions, addresses: [`${start}-${end}`], ...limits },
    };
  }).map(({ entry, ...rule }) =>
    "forbid" in rule
      ? { ...rule, deny: [{ functions: entry.functions, addresses: entry.addresses }] }
      : { ...rule, allow: [entry] },
  );
  const text = JSON.stringify({ policy: 1, roles: ROLES, rules });
  const start = performance.now();
  const document = readPolicy(text, "bench.json");
  const read = performance.now();
  const policy = compilePolicy(document, devices);
  return { policy, readMs: read - start, compileMs: performance.now() - read };
}

function questionsOf(policy: Policy, count: number): { readonly permits: Question[]; readonly refusals: Question[] } {
  const pick = random(7);
  const permits: Question[] = [];
  const refusals: Question[] = [];
  for (let tries = 0; tries < 3_000_000 && (permits.length < count || refusals.length < count); tries += 1) {
    const address = pick(60_000);
    const request: Request =
      pick(2) === 0
        ? { kind: "read-holding-registers", address, quantity: 1 + pick(20) }
        : { kind: "write-multiple-registers", address, values: Uint16Array.from({ length: 4 }, () => pick(1500)) };
    const unit = 1 + pick(DEVICES);
    const question: Question = {
      ...{ subject: "s", role: ROLES[pick(4)]!, transport: "tls", unit, device: `d${unit}` },
      functionCode: functionCodeOf(request),
      accesses: accessesOf(request, { device: `d${unit}`, unit }),
    };
    const list = policy.decide(question).permit ? permits : refusals;
    if (list.length < count) list.push(question);
  }
  return { permits, refusals };
}

function measure(policy: Policy, questions: readonly Question[]): string {
  if (questions.length === 0) return "none found";
  for (let round = 0; round < ROUNDS; round += 1) policy.decide(questions[round % questions.length]!);
  const took = new Float64Array(ROUNDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const question = questions[round % questions.length]!;
    const start = process.hrtime.bigint();
    policy.decide(question);
    took[round] = Number(process.hrtime.bigint() - start) / 1000;
  }
  took.sort();
  const at = (share: number) => `${took[Math.floor(ROUNDS * share)]!.toFixed(2)} µs`;
  return `p50 ${at(0.5)}  p99 ${at(0.99)}`;
}

const devices = Array.from({ length: DEVICES }, (_, index) => ({ id: `d${index + 1}`, unit: index + 1 }));
for (const count of [50, 500, 10_000]) {
  const { policy, readMs, compileMs } = policyOf(count, devices);
  const { permits, refusals } = questionsOf(policy, 1000);
  console.log(`${count} rules, read in ${readMs.toFixed(0)} ms, compiled in ${compileMs.toFixed(0)} ms`);
  console.log(`  permit   ${measure(policy, permits)}`);
  console.log(`  refusal  ${measure(policy, refusals)}`);
}
