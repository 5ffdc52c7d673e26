/** One transaction in the list. What went as it should takes one line; everything else says why on a second one. */
import type { KeyboardEvent, ReactNode } from "react";
import type { LiveTransaction } from "../api/wire.ts";
import { clockText, latencyText } from "../model/format.ts";
import { type Asked, askedOf, placeOf } from "../model/objects.ts";
import { type VerdictKind, verdictOf } from "../model/verdict.ts";
import { words } from "../words/index.ts";
import { PenSign, VerdictSign, verdictColours } from "./icons.tsx";

/** Beside an open drawer there is no room for where a request came from and how long it took; the drawer says both. */
export const trafficColumns =
  "grid grid-cols-[88px_minmax(100px,0.9fr)_minmax(100px,0.6fr)_minmax(120px,2fr)_minmax(92px,0.5fr)] @min-[820px]:grid-cols-[88px_minmax(150px,1fr)_minmax(158px,0.8fr)_minmax(106px,0.55fr)_minmax(180px,2.2fr)_minmax(92px,0.5fr)_60px] gap-x-3 pr-4 pl-[13px]";
/** Of a column that is shown where there is room. */
export const onlyWide = "hidden @min-[820px]:block";

export function hasReason(kind: VerdictKind): boolean {
  return kind !== "permitted";
}

interface Props {
  readonly transaction: LiveTransaction;
  readonly id: string;
  readonly opened: boolean;
  /** The one row of the list that the Tab key stops at; the arrow keys go on from there. */
  readonly reachable: boolean;
  readonly onOpen: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

const backgrounds: Readonly<Record<VerdictKind, string>> = {
  permitted: "border-l-transparent hover:bg-raised",
  refused: "border-l-bad bg-bad-soft",
  closed: "border-l-bad bg-bad-soft",
  shadow: "border-l-warn bg-warn-soft",
  failed: "border-l-warn bg-warn-soft",
  unknown: "border-l-warn bg-warn-soft",
};

export function TrafficRow({ transaction, id, opened, reachable, onOpen, onKeyDown }: Props): ReactNode {
  const { subject, location, method, operation, decision, outcome } = transaction;
  const verdict = verdictOf(transaction);
  const place = placeOf(transaction);
  const mark = opened ? "outline-2 -outline-offset-2 outline-accent" : "";
  return (
    <button
      type="button"
      id={id}
      tabIndex={reachable ? 0 : -1}
      aria-expanded={opened}
      data-verdict={verdict.kind}
      onClick={onOpen}
      onKeyDown={onKeyDown}
      className={`${trafficColumns} size-full content-center border-b border-l-3 border-b-line/60 text-left ${backgrounds[verdict.kind]} ${mark}`}
    >
      <Cell className="text-quiet">
        <time dateTime={transaction.t}>{clockText(transaction.t)}</time>
      </Cell>
      <Cell title={`${subject.id ?? words.traffic.nobody}, ${subject.role ?? words.traffic.noRole}`}>
        <span className={subject.id === null ? "text-quiet italic" : "font-medium"}>
          {subject.id ?? words.traffic.nobody}
        </span>{" "}
        <span className="text-quiet">{subject.role ?? words.traffic.noRole}</span>
      </Cell>
      <Cell className={onlyWide} title={`${location.source} ${method.transport}`}>
        <span className="text-[11.5px] text-quiet uppercase">{method.transport}</span>{" "}
        <span className="font-mono text-[11.5px]">{location.source}</span>
      </Cell>
      <Cell>
        {place.device ?? <span className="text-quiet italic">{words.traffic.noDevice}</span>}{" "}
        {place.unit !== null && <span className="text-quiet">{words.devices.unit(place.unit)}</span>}
      </Cell>
      <Cell title={operation.name}>
        <span className="font-mono text-[11.5px] text-quiet">{operation.function}</span>{" "}
        {askedOf(transaction).map((asked) => (
          <AskedText key={asked.key} asked={asked} />
        ))}
      </Cell>
      <Cell className={`font-medium ${verdictColours[verdict.kind]}`}>
        <VerdictSign kind={verdict.kind} /> {verdict.title}
      </Cell>
      <Cell className={`text-right text-quiet ${onlyWide}`}>{latencyText(outcome.latencyUs)}</Cell>
      {hasReason(verdict.kind) && (
        <span className="col-start-2 -col-end-1 truncate text-[12px]">
          <span className={verdictColours[verdict.kind]}>{verdict.reason}</span>
          {decision.rules.length > 0 && (
            <span className="text-quiet"> · {words.traffic.rule(decision.rules.join(", "))}</span>
          )}
        </span>
      )}
    </button>
  );
}

interface CellProps {
  readonly children: ReactNode;
  readonly className?: string;
  readonly title?: string;
}

function Cell({ children, className = "", title }: CellProps): ReactNode {
  return (
    <span className={`truncate ${className}`} title={title}>
      {children}
    </span>
  );
}

function AskedText({ asked }: { readonly asked: Asked }): ReactNode {
  return (
    <span className="mr-2">
      {asked.write && <PenSign />}{" "}
      {asked.verb !== "" && <span className={asked.write ? "font-medium" : "text-quiet"}>{asked.verb} </span>}
      {asked.objects}
      {asked.values !== "" && (
        <span className="font-mono text-[11.5px] text-quiet">
          {asked.write ? " ← " : " → "}
          {asked.values}
        </span>
      )}
    </span>
  );
}
