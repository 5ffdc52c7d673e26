import { checkpointKey, Prover } from "@modwarden/audit";
import { askAs, type KeptRenewed, keepRenewed, loadIdentity } from "@modwarden/identity";
import { z } from "zod";
import { KEEP_PATH, KNOWN_PATH } from "./wire.ts";
import { withGrowth } from "./with-growth.ts";
import { type Witness, WitnessError, type WitnessErrorCode } from "./witness.ts";

export interface GatewayWitnessOptions {
  /** The enrolment endpoint of another modwarden. */
  readonly url: string;
  /** Folder of the identity that was enrolled there; looked after as long as the witness is. */
  readonly identity: string;
  /** The log's folder. */
  readonly dir: string;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

const TIMEOUT_MS = 10_000;
/** Each with a proof: a body is at most 16 KiB. */
const BATCH = 5;

const known = z.object({ lines: z.array(z.string().max(4096)).max(128) });
const refusal = z.object({ error: z.object({ code: z.string().max(64), message: z.string().max(2000) }) });
const CODES: ReadonlySet<string> = new Set<WitnessErrorCode>([
  "ERR_WITNESS_CONFLICT",
  "ERR_WITNESS_FULL",
  "ERR_WITNESS_IDENTITY",
  "ERR_WITNESS_THROTTLED",
  "ERR_WITNESS_REQUEST",
]);

/** Another modwarden, asked over HTTPS with an identity of its registry: each side knows whom it speaks to. */
export function gatewayWitness({ url, identity, dir, onNotice }: GatewayWitnessOptions): Witness {
  const name = `gateway ${url}`;
  let kept: KeptRenewed | undefined;
  // It keeps what makes the next proof cheap.
  let proving: Prover | undefined;
  const prover = (): Prover => {
    proving ??= new Prover(dir);
    return proving;
  };
  const ask = async (path: string, body: object): Promise<unknown> => {
    // Loaded anew: it may have been renewed, or enrolled only now.
    const own = loadIdentity(identity);
    kept ??= keepRenewed(identity, {
      url,
      onRenewed: () => undefined,
      onProblem: (error) => onNotice(`the identity for witness ${name} is not renewed: ${String(error)}`),
    });
    const { status, body: answer } = await askAs(own, path, body, { url, timeoutMs: TIMEOUT_MS });
    if (status === 200) return answer;
    throw refused(status, answer);
  };
  return {
    name,
    async known(log, epoch, thorough) {
      const answer = known.safeParse(await ask(KNOWN_PATH, { log, epoch: thorough ? 0 : epoch }));
      if (!answer.success) throw new WitnessError("ERR_WITNESS_AWAY", "its answer is not one of a witness");
      return answer.data.lines;
    },
    async keep(checkpoints, after) {
      const shown = withGrowth(prover, checkpoints, after);
      for (let from = 0; from < shown.length; from += BATCH) {
        await ask(KEEP_PATH, { key: checkpointKey(dir), checkpoints: shown.slice(from, from + BATCH) });
      }
    },
    async stop() {
      proving?.close();
      await kept?.stop();
    },
  };
}

function refused(status: number, body: unknown): WitnessError {
  const said = refusal.safeParse(body);
  const code = said.success && CODES.has(said.data.error.code) ? (said.data.error.code as WitnessErrorCode) : undefined;
  if (!said.success || code === undefined) {
    return new WitnessError("ERR_WITNESS_AWAY", `it answered with status ${status}`);
  }
  // A sentence from the network goes to a terminal: without control characters.
  return new WitnessError(code, said.data.error.message.replaceAll(/\p{Cc}/gu, " "));
}
