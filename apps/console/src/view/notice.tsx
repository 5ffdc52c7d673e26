/** The line that says when the page does not show what is: not connected, or paused. */
import type { ReactNode } from "react";
import { ageText, countText } from "../model/format.ts";
import type { Shown } from "../model/live-store.ts";
import { words } from "../words/index.ts";
import { PauseSign, WarningSign } from "./icons.tsx";

export function Notice({ shown, now }: { readonly shown: Shown; readonly now: number }): ReactNode {
  if (shown.connection === "lost") {
    return (
      <p role="alert" className="flex items-center gap-2 border-b border-line bg-bad-soft px-4 py-1.5 text-bad">
        <WarningSign />
        {shown.heardAt !== undefined && <span>{words.connection.stale(ageText(now - shown.heardAt))}</span>}
        <span>{words.connection.retrying}</span>
      </p>
    );
  }
  if (shown.paused !== undefined) {
    return (
      <p role="status" className="flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-warn">
        <PauseSign />
        {words.paused.banner(countText(shown.paused.newSince))}
      </p>
    );
  }
  return null;
}
