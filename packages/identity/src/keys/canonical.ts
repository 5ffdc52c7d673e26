import { formatKey, parseRegistrationKey } from "../registration-key.ts";
import { isOfflineKey, parseOfflineKey } from "./offline-key.ts";

/** A key of either form as it goes over the wire; a typo is found before anything is sent. Error: ERR_KEY_MALFORMED */
export function canonicalKey(text: string): string {
  if (!isOfflineKey(text)) return formatKey(parseRegistrationKey(text));
  parseOfflineKey(text);
  return text.replaceAll(/\s/g, "");
}
