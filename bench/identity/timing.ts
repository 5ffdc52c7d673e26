/**
 * Whether the time of a refusal tells why: `npm run timing [-- --tries N --json]`. Unknown, wrong, expired and revoked
 * keys are tried in random order, at the service alone (tokens, offline and derived keys) and over HTTPS at a real
 * endpoint on 127.0.0.1, with the throttle lifted. Ends with 1 when Welch's t of any pair reaches 4.5.
 */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  createKeyIssuer,
  formatKey,
  formatKeyIssuer,
  type IdentityService,
  openIdentity,
  parseRegistrationKey,
  signOfflineKey,
  startEnrolmentServer,
} from "@modwarden/identity";
import { aRequest } from "./request.ts";
import { type Comparison, compareAll, mean, median, THRESHOLD } from "./welch.ts";

const { values: args } = parseArgs({
  options: { tries: { type: "string", default: "2000" }, json: { type: "boolean", default: false } },
});
const tries = Number(args.tries);
if (!Number.isInteger(tries) || tries < 100) throw new Error("--tries is a whole number from 100");
const WARM_UP = 100;
/** A key each would measure that key: these are drawn from. */
const KEYS = 8;

type Why = "unknown" | "wrong" | "expired" | "revoked";
type Keys = ReadonlyMap<Why, readonly string[]>;
type Attempt = (key: string) => Promise<void>;
interface Result {
  readonly where: string;
  readonly microseconds: Readonly<Record<string, { readonly mean: number; readonly median: number }>>;
  readonly comparisons: readonly Comparison[];
  readonly ok: boolean;
}

/** Where the time of one attempt goes into the sample of its reason. */
async function measure(where: string, keys: Keys, attempt: Attempt): Promise<Result> {
  const samples = new Map<string, number[]>([...keys.keys()].map((why) => [why, []]));
  for (let count = 0; count < WARM_UP; count += 1) for (const list of keys.values()) await attempt(list[0] ?? "");
  const plan = [...keys.keys()].flatMap((why) => Array.from({ length: tries }, () => why));
  for (let at = plan.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [plan[at], plan[other]] = [plan[other] as Why, plan[at] as Why];
  }
  for (const why of plan) {
    const key = keys.get(why)?.[randomInt(KEYS)] ?? "";
    const start = performance.now();
    await attempt(key);
    samples.get(why)?.push((performance.now() - start) * 1000);
  }
  const comparisons = compareAll(samples);
  const microseconds = Object.fromEntries(
    [...samples].map(([why, times]) => [why, { mean: mean(times), median: median(times) }]),
  );
  const ok = comparisons.every(({ t, tCropped }) => Math.abs(t) < THRESHOLD && Math.abs(tCropped) < THRESHOLD);
  return { where, microseconds, comparisons, ok };
}

function times(make: () => Promise<string> | string): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: KEYS }, make));
}

function wrongSecret(key: string): string {
  const { id, secret } = parseRegistrationKey(key);
  return formatKey({ id, secret: secret.startsWith("0") ? `1${secret.slice(1)}` : `0${secret.slice(1)}` });
}

async function tokens({ keys }: IdentityService): Promise<Keys> {
  const create = async (expiresInMs = 86_400_000): Promise<string> =>
    (await keys.create({ kind: "client", roles: ["Operator"], expiresInMs })).key;
  const revoked = await times(() => create());
  for (const key of revoked) await keys.revoke(parseRegistrationKey(key).id);
  return new Map([
    [
      "unknown",
      (await times(() => create())).map((key) => formatKey({ ...parseRegistrationKey(key), id: randomId() })),
    ],
    ["wrong", await times(async () => wrongSecret(await create()))],
    ["expired", await times(() => create(1000))],
    ["revoked", revoked],
  ]);
}

function randomId(): string {
  return Array.from({ length: 8 }, () => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[randomInt(32)]).join("");
}

async function offlineKeys({ keys, pin }: IdentityService): Promise<Keys> {
  const [trusted, ended, stranger] = ["trusted", "revoked", "stranger"].map((name) => createKeyIssuer(name));
  if (trusted === undefined || ended === undefined || stranger === undefined) throw new Error("three issuers are made");
  const sign = (issuer: typeof trusted, now = new Date()): string =>
    signOfflineKey(issuer, { kind: "client", roles: ["Operator"], pin }, { now, random: randomBytes }).key;
  for (const issuer of [trusted, ended]) {
    await keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: ["Operator"] });
  }
  await keys.issuers.revoke(ended.id);
  const forged = (key: string): string => {
    const [form, payload, signature = ""] = key.split(".");
    return [form, payload, `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`].join(".");
  };
  return new Map([
    ["unknown", await times(() => sign(stranger))],
    ["wrong", await times(() => forged(sign(trusted)))],
    ["expired", await times(() => sign(trusted, new Date(Date.now() - 2 * 86_400_000)))],
    ["revoked", await times(() => sign(ended))],
  ]);
}

async function derivedKeys({ keys }: IdentityService): Promise<Keys> {
  let count = 0;
  const derive = async (expiresInMs = 86_400_000): Promise<string> => {
    count += 1;
    await keys.batches.create(`batch-${count}`, { kind: "client", roles: ["Operator"], expiresInMs });
    return (await keys.batches.derive(`batch-${count}`, ["SN1"]))[0]?.key ?? "";
  };
  const revoked = await times(() => derive());
  for (const key of revoked) await keys.revoke(parseRegistrationKey(key).id);
  return new Map([
    [
      "unknown",
      (await times(() => derive())).map((key) => formatKey({ ...parseRegistrationKey(key), id: randomId() })),
    ],
    ["wrong", await times(async () => wrongSecret(await derive()))],
    ["expired", await times(() => derive(1000))],
    ["revoked", revoked],
  ]);
}

function overHttps(url: string, ca: string, csr: string): Attempt {
  return (key) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ key, csr, name: "timing", serial: "SN1" });
      const asked = request(`${url}/v1/enrol`, { method: "POST", ca, agent: false }, (answer) => {
        if (answer.statusCode !== 403) reject(new Error(`a refusal is 403, this was ${answer.statusCode ?? 0}`));
        answer.resume().on("end", resolve).on("error", reject);
      });
      asked.on("error", reject);
      asked.end(body);
    });
}

function atService(service: IdentityService, csr: string): Attempt {
  return async (key) => {
    const refused = await service.enrol({ key, csr, name: "timing", serial: "SN1", source: "10.0.0.5" }).then(
      () => undefined,
      (error: unknown) => error as { readonly code?: string },
    );
    if (refused?.code !== "ERR_ENROLMENT_REFUSED") throw refused ?? new Error("a key opened an enrolment");
  };
}

const dir = mkdtempSync(join(tmpdir(), "modwarden-timing-"));
try {
  const refusals = { burst: 1e9, perMinute: 1e9 };
  const service = await openIdentity({ dir, now: () => new Date(), refusals });
  const csr = await aRequest();
  const [token, offline, derived] = [await tokens(service), await offlineKeys(service), await derivedKeys(service)];
  // Keys that expire have to have expired.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const names = ["localhost"];
  const server = await startEnrolmentServer({ service, listen: "https://127.0.0.1:0", names, now: () => new Date() });
  const results: Result[] = [];
  results.push(await measure("service, token", token, atService(service, csr)));
  results.push(await measure("service, offline", offline, atService(service, csr)));
  results.push(await measure("service, derived", derived, atService(service, csr)));
  results.push(await measure("HTTPS, token", token, overHttps(server.url, service.root, csr)));
  await server.close();
  await service.close();
  for (const result of results) report(result);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function report(result: Result): void {
  if (args.json) {
    process.stdout.write(`${JSON.stringify({ ...result, tries })}\n`);
    return;
  }
  const columns = Object.entries(result.microseconds)
    .map(([why, of]) => `${why} ${of.mean.toFixed(0)} (${of.median.toFixed(0)})`)
    .join(", ");
  process.stdout.write(`${result.where}: ${tries} tries each; mean (median) in µs: ${columns}\n`);
  for (const { pair, t, tCropped } of result.comparisons) {
    const worst = Math.max(Math.abs(t), Math.abs(tCropped));
    const line = `${pair.join(" - ").padEnd(20)} t ${t.toFixed(2).padStart(7)}  without the slowest tenth ${tCropped.toFixed(2).padStart(7)}`;
    process.stdout.write(`  ${line}  ${worst < THRESHOLD ? "not told apart" : "TOLD APART"}\n`);
  }
}
