import { z } from "zod";
import { canonicalKey } from "../keys/canonical.ts";
import { connectTo } from "./enrol.ts";
import { post } from "./post.ts";
import { checkPin } from "./server-check.ts";

const received = z.object({ received: z.literal(true) });

export interface LeakedKey {
  readonly url: string;
  readonly pin: string | undefined;
  /** The whole key, in any of its forms. */
  readonly key: string;
  /** Of a derived key: the serial number beside it. */
  readonly serial?: string;
  /** Per exchange. Default 10 s. */
  readonly timeoutMs?: number;
}

/** Tells a site that a key of it has leaked; the answer says nothing about the key. Errors: ERR_KEY_MALFORMED, ERR_ENROLMENT_PIN, _SERVER, _UNREACHABLE, _REFUSED when too much was reported */
export async function reportLeakTo(leaked: LeakedKey): Promise<void> {
  const key = canonicalKey(leaked.key);
  const { pin } = leaked;
  checkPin(pin);
  const connection = await connectTo(leaked.url, pin, leaked.timeoutMs);
  const serial = leaked.serial === undefined ? {} : { serial: leaked.serial };
  await post(connection, "/v1/keys/report-leak", { key, ...serial }, received);
}
