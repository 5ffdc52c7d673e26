/**
 * `act`, one at a time. The promise is kept when an act that began after the call has ended: who calls while one is
 * under way shares the next one, so that many calls cost no more than a few acts.
 */
export function coalesced(act: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        underWay = act();
        return underWay;
      });
    return next;
  };
}
