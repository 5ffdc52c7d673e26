import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What an enrolment is for, as the folder that it fills keeps it. */
export interface Enrolling {
  readonly id: string;
  readonly url: string;
  readonly pin: string;
}

/** Whether `folder` holds an enrolment of this id at this server that waits for a person's approval. */
export function waitsIn(folder: string, { id, url, pin }: Enrolling): boolean {
  const about = descriptionIn(folder);
  return about["state"] === "pending" && about["id"] === id && about["url"] === url && about["pin"] === pin;
}

/** Empty where there is none that can be read: then enrolling says what is wrong with the folder. */
function descriptionIn(folder: string): Readonly<Record<string, unknown>> {
  try {
    const about: unknown = JSON.parse(readFileSync(join(folder, "identity.json"), "utf8"));
    return typeof about === "object" && about !== null ? { ...about } : {};
  } catch {
    return {};
  }
}
