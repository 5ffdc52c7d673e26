import type { ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly mono?: boolean;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactNode {
  return (
    <dl className="grid grid-cols-[108px_minmax(0,1fr)] gap-x-3 gap-y-0.5">
      {facts.map(({ name, value, mono }) => (
        <div key={`${name} ${value}`} className="contents">
          <dt className="text-quiet">{name}</dt>
          <dd className={`break-words ${mono === true ? "font-mono text-[12px]" : ""}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
