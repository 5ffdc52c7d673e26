import { useEffect, useState } from "react";
import { openSession, type SessionState, tokenIn } from "./api/session.ts";
import { Console } from "./view/console.tsx";
import { Welcome } from "./view/welcome.tsx";

const RETRY_MS = 3_000;

/** In StrictMode effects run twice, and a token is used once: the first look at the door is shared. */
let firstLook: Promise<SessionState> | undefined;

function look(): Promise<SessionState> {
  return openSession({
    hash: location.hash,
    forget: () => history.replaceState(null, "", location.pathname + location.search),
    fetch: (path, init) => fetch(path, init),
  });
}

export function App(): React.ReactNode {
  const [state, setState] = useState<SessionState | "checking" | "ended">("checking");

  useEffect(() => {
    firstLook ??= look();
    let gone = false;
    void firstLook.then((found) => {
      if (!gone) setState(found);
    });
    // The new address pasted into this tab changes the fragment alone, and loads nothing.
    const onHash = (): void => {
      if (tokenIn(location.hash) !== undefined) void look().then(setState);
    };
    window.addEventListener("hashchange", onHash);
    return () => {
      gone = true;
      window.removeEventListener("hashchange", onHash);
    };
  }, []);

  const closed = state === "needToken" || state === "wrongToken" || state === "ended";
  useEffect(() => {
    if (!closed) return;
    // The new address was opened in another tab: this browser has a session by now, and so has this tab.
    const onReturn = (): void => {
      if (document.visibilityState !== "visible") return;
      void look().then((found) => {
        if (found === "open") setState(found);
      });
    };
    document.addEventListener("visibilitychange", onReturn);
    window.addEventListener("focus", onReturn);
    return () => {
      document.removeEventListener("visibilitychange", onReturn);
      window.removeEventListener("focus", onReturn);
    };
  }, [closed]);

  useEffect(() => {
    if (state !== "unreachable") return;
    const timer = setTimeout(() => {
      setState("checking");
      void look().then(setState);
    }, RETRY_MS);
    return () => clearTimeout(timer);
  }, [state]);

  if (state === "open") return <Console onEnded={() => setState("ended")} />;
  return <Welcome state={state} />;
}
