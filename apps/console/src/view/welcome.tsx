/** What the page says when it has no session: plainly what to do. */
import type { ReactNode } from "react";
import { words } from "../words/index.ts";
import { Mark } from "./icons.tsx";

export type Closed = "checking" | "needToken" | "wrongToken" | "ended" | "unreachable";

export function Welcome({ state }: { readonly state: Closed }): ReactNode {
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex h-13 items-center gap-2.5 bg-bar px-4 text-bar-ink">
        <Mark />
        <span className="text-[15px] font-semibold tracking-tight">{words.product}</span>
      </header>
      <main className="mx-auto w-full max-w-xl px-6 py-20" aria-live="polite">
        <Message state={state} />
      </main>
    </div>
  );
}

function Message({ state }: { readonly state: Closed }): ReactNode {
  if (state === "checking") return <p className="text-quiet">{words.welcome.checking}</p>;
  const { title, text } = words.welcome[state];
  return (
    <>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-3 text-[14px] text-quiet">{text}</p>
      {state !== "unreachable" && (
        <>
          <p className="mt-4 rounded-md border border-line bg-panel px-3.5 py-2.5 font-mono text-[13px]">
            {words.welcome.needToken.sample(location.origin)}
          </p>
          {state === "needToken" && <p className="mt-4 text-[14px] text-quiet">{words.welcome.needToken.after}</p>}
        </>
      )}
    </>
  );
}
