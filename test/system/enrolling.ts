/** Clients that enrol at a site, and go on asking until they have an answer, however often the site dies. */
import { generateKeyPairSync } from "node:crypto";
import { request } from "node:https";
import { createRequest } from "@modwarden/identity";

export interface Applicant {
  readonly name: string;
  /** PEM. */
  readonly key: string;
  readonly csr: string;
  /** One of 127.0.0.0/8 of its own: who is refused often is throttled by its address. */
  readonly from: string;
}

/** Where the site listens now, and the root that it is known by. */
export interface Place {
  readonly port: () => number;
  readonly root: string;
}

export interface Ending {
  readonly name: string;
  readonly enrolled: boolean;
  /** How often no answer came. */
  readonly lost: number;
}

const TIMEOUT_MS = 5_000;
const PAUSE_MS = 50;
const MOST_TRIES = 400;

export async function applicants(count: number): Promise<readonly Applicant[]> {
  const made: Applicant[] = [];
  for (let at = 0; at < count; at += 1) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    made.push({
      name: `hmi-${at}`,
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      csr: await createRequest(privateKey, `hmi-${at}`),
      from: `127.1.${Math.floor(at / 250)}.${(at % 250) + 1}`,
    });
  }
  return made;
}

/** All of them at once, at most `atOnce` connections open. */
export async function enrolAll(
  everyone: readonly Applicant[],
  place: Place,
  key: string,
  atOnce: number,
): Promise<readonly Ending[]> {
  const waiting = [...everyone];
  const endings: Ending[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      endings.push(await enrolUntilAnswered(next, place, key));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return endings;
}

async function enrolUntilAnswered(applicant: Applicant, place: Place, key: string): Promise<Ending> {
  const { name, csr } = applicant;
  let lost = 0;
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const answer = await post(applicant, place, "/v1/enrol", { key, csr, name });
    if (answer === undefined) {
      lost += 1;
      await pause();
      continue;
    }
    if (answer.status === 403) return { name, enrolled: false, lost };
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text.slice(0, 300)}`);
    const confirmed = await confirm(applicant, place, chainIn(answer.text));
    lost += confirmed.lost;
    return { name, enrolled: confirmed.status === 200, lost };
  }
  throw new Error(`${name}: no answer`);
}

async function confirm(
  applicant: Applicant,
  place: Place,
  chain: string,
): Promise<{ readonly status: number; readonly lost: number }> {
  for (let lost = 0; lost < MOST_TRIES; lost += 1) {
    const answer = await post(applicant, place, "/v1/confirm", {}, chain);
    if (answer !== undefined) return { status: answer.status, lost };
    await pause();
  }
  throw new Error(`${applicant.name}: no answer to the confirmation`);
}

function chainIn(bundle: string): string {
  const { payload } = JSON.parse(bundle) as { readonly payload: string };
  const { chain } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { readonly chain: string[] };
  return chain.join("");
}

/** Undefined when no whole answer came. */
function post(
  { key, from }: Applicant,
  { port, root }: Place,
  path: string,
  body: object,
  chain?: string,
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  return new Promise((resolve) => {
    const text = JSON.stringify(body);
    const sent = request(
      {
        ...{ host: "127.0.0.1", port: port(), path, method: "POST", agent: false, ca: root, localAddress: from },
        timeout: TIMEOUT_MS,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
        ...(chain === undefined ? {} : { key, cert: chain }),
      },
      (response) => {
        let received = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          received += chunk;
        });
        response.on("error", () => resolve(undefined));
        response.on("close", () =>
          resolve(response.complete ? { status: response.statusCode ?? 0, text: received } : undefined),
        );
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.end(text);
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
