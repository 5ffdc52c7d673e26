/** Follows the event stream into the store, and goes on where it broke off. */
import type { LiveStore } from "../model/live-store.ts";
import type { LiveEvent } from "./wire.ts";

const kinds = ["transactions", "devices", "dropped", "status"] as const;
const RETRY_MS = 2_000;

/** The returned function ends it. */
export function follow(store: LiveStore): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const connect = (): void => {
    const since = store.newest;
    const opened = new EventSource(since === undefined ? "/api/v1/events" : `/api/v1/events?since=${since}`);
    source = opened;
    opened.onopen = () => {
      store.heard();
      store.setConnection("open");
    };
    opened.addEventListener("ping", () => store.heard());
    for (const kind of kinds) {
      opened.addEventListener(kind, (message: MessageEvent<string>) =>
        store.receive(JSON.parse(message.data) as LiveEvent),
      );
    }
    opened.onerror = () => {
      store.setConnection("lost");
      opened.close();
      void reconnect();
    };
  };

  const reconnect = async (): Promise<void> => {
    const ended = await sessionEnded();
    if (over) return;
    if (ended) store.setConnection("ended");
    else retry = setTimeout(connect, RETRY_MS);
  };

  connect();
  return () => {
    over = true;
    clearTimeout(retry);
    source?.close();
  };
}

/** An event source does not say why it failed; the API does. */
async function sessionEnded(): Promise<boolean> {
  try {
    return (await fetch("/api/v1/status")).status === 401;
  } catch {
    // Nothing answers: not the end of the session but of the connection.
    return false;
  }
}
