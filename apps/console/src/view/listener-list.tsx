/** Where clients come in. */
import type { ReactNode } from "react";
import type { ListenerView } from "../api/wire.ts";
import { words } from "../words/index.ts";

export function ListenerList({ listeners }: { readonly listeners: readonly ListenerView[] }): ReactNode {
  if (listeners.length === 0) return null;
  return (
    <section aria-labelledby="listeners-title" className="max-h-48 overflow-y-auto border-t border-line px-4 py-3">
      <h2 id="listeners-title" className="pb-1 font-semibold">
        {words.listeners.title}
      </h2>
      <ul className="flex flex-col gap-1.5">
        {listeners.map(({ name, url, connections }) => (
          <li key={`${name} ${url}`} className="text-[12px] leading-snug">
            <span className="block truncate font-mono text-[11.5px]" title={url}>
              {url}
            </span>
            <span className="text-quiet">
              {name} · {words.listeners.connections(connections)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
