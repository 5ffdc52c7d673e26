import type { ConnectionOptions, TLSSocket } from "node:tls";
import { adu, type Rig, type TestClient } from "./rig.ts";

/** Read one register of unit 1, and the two ways in which it is answered. */
export const read: Buffer = adu(1, 1, "03 0000 0001");
export const answered = "0001000000050103020000";
export const refused = "000100000003018301";
export const versions = ["TLSv1.2", "TLSv1.3"] as const;

export interface RecordedFinding {
  readonly rule: string;
  readonly evidence: string;
  readonly source: string;
}

export function findingsOf({ records }: Rig): RecordedFinding[] {
  return records
    .filter(({ kind }) => kind === "finding")
    .map((record) => {
      const { rule, evidence } = record["finding"] as RecordedFinding;
      return { rule, evidence, source: (record["location"] as { source: string }).source };
    });
}

/** Sends one request and resolves with the reply, or with "closed" when the server refuses at any moment. */
export async function attempt(
  rig: Rig,
  options: ConnectionOptions,
): Promise<{ readonly reply: string; readonly client?: TestClient<TLSSocket> }> {
  let client: TestClient<TLSSocket>;
  try {
    client = await rig.openTls(options);
  } catch {
    return { reply: "closed" };
  }
  client.send(read);
  try {
    return { reply: await client.reply(), client };
  } catch {
    return { reply: "closed", client };
  }
}
