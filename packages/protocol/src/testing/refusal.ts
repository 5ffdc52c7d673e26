import { BadFrameError, BadPduError, BadResponseError } from "../errors.ts";
import type { Refused } from "./vectors/vector.ts";

/** How `act` is refused, in the words of the vectors; "not refused" when it returns. Other errors are thrown on. */
export function refusal(act: () => unknown): Refused["because"] | "not refused" {
  try {
    act();
    return "not refused";
  } catch (error) {
    if (error instanceof BadPduError) return error.exception;
    if (error instanceof BadResponseError) return "response";
    if (error instanceof BadFrameError) return "frame";
    throw error;
  }
}
