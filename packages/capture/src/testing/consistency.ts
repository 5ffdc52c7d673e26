import type { CapturedItem, CaptureStatistics } from "../index.ts";

/** What cannot be about these items of a file of so many bytes, whatever stood in it; undefined when all is well. */
export function inconsistency(
  items: readonly CapturedItem[],
  statistics: CaptureStatistics,
  fileBytes: number,
): string | undefined {
  const { frames, requests, responses, matched, requestsWithoutResponse, responsesWithoutRequest } = statistics;
  const transactions = items.filter((item) => item.kind === "transaction");
  const isFrame = (frame: number | null): boolean => frame === null || (frame >= 1 && frame <= frames);
  if (requests !== matched + requestsWithoutResponse) return "requests are missing";
  if (responses !== matched + responsesWithoutRequest) return "responses are missing";
  if (transactions.length !== matched + requestsWithoutResponse + responsesWithoutRequest) return "items are missing";
  if (items.length - transactions.length !== statistics.malformed) return "malformed input is missing";
  for (const item of items) {
    if (item.kind === "malformed") {
      // What is left of a packet that was cut off has a number too.
      if (item.frame < 1 || item.frame > frames + 1) return `frame ${item.frame} of ${frames}`;
      if (item.offset < 0 || item.offset > fileBytes) return `offset ${item.offset} of ${fileBytes}`;
    } else {
      if (!isFrame(item.requestFrame) || !isFrame(item.responseFrame)) return "a frame that is none";
      if (item.matched !== (item.requestFrame !== null && item.responseFrame !== null)) return "half a match";
      if (item.requestFrame !== null && item.accesses.length === 0) return "a request that touches nothing";
      if (item.values !== undefined && (item.exception !== null || item.fault !== undefined))
        return "values of no read";
    }
  }
  return undefined;
}
