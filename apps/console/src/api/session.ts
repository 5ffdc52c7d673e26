/** From the token in the printed address to a session: the token is used once and taken out of the address bar. */
export type SessionState = "open" | "needToken" | "wrongToken" | "unreachable";

export interface SessionDoor {
  readonly hash: string;
  /** Takes the token out of the address bar and the history. */
  readonly forget: () => void;
  readonly fetch: (path: string, init?: RequestInit) => Promise<{ readonly status: number }>;
}

export function tokenIn(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token === "" ? undefined : token;
}

/** With a token, exchanges it; without one, asks whether the browser has a session already. */
export async function openSession(door: SessionDoor): Promise<SessionState> {
  const token = tokenIn(door.hash);
  if (token !== undefined) door.forget();
  try {
    const { status } = await (token === undefined ? door.fetch("/api/v1/status") : exchange(door, token));
    if (status === 401) return token === undefined ? "needToken" : "wrongToken";
    return status < 400 ? "open" : "unreachable";
  } catch {
    // fetch rejects when nothing answers; that is a state to show, not a fault of this page.
    return "unreachable";
  }
}

function exchange(door: SessionDoor, token: string): Promise<{ readonly status: number }> {
  return door.fetch("/api/v1/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
}
