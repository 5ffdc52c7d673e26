/**
 * The list itself: newest first, only the rows in sight are in the page. While a person has scrolled down or walks
 * through it by keys, the list stands still and counts what is new above it.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import type { LiveTransaction } from "../api/wire.ts";
import { countText } from "../model/format.ts";
import { verdictKind } from "../model/verdict.ts";
import { words } from "../words/index.ts";
import { hasReason, onlyWide, TrafficRow, trafficColumns } from "./traffic-row.tsx";

const PLAIN_ROW = 27;
const REASON_ROW = 46;

interface Props {
  readonly transactions: readonly LiveTransaction[];
  readonly opened: number | undefined;
  readonly onOpen: (transaction: LiveTransaction) => void;
}

export function TrafficList({ transactions, opened, onOpen }: Props): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<readonly LiveTransaction[]>();
  /** The row that the keys have led to. */
  const [active, setActive] = useState<number>();
  const list = held ?? transactions;
  const virtual = useVirtualizer({
    count: list.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => rowHeight(list[index]),
    // Rows have two heights and a new row moves all others: a new list must bring a new function, which voids the
    // measurements of before.
    getItemKey: useCallback((index: number) => list[index]?.number ?? index, [list]),
    overscan: 8,
  });
  useEffect(() => {
    if (active !== undefined) document.getElementById(rowId(active))?.focus({ preventScroll: true });
  }, [active]);

  const goOn = (): void => {
    setHeld(undefined);
    setActive(undefined);
    scroller.current?.scrollTo({ top: 0 });
  };
  const onScroll = (): void => {
    const top = scroller.current?.scrollTop ?? 0;
    if (top > REASON_ROW) setHeld((before) => before ?? transactions);
    else if (active === undefined) setHeld(undefined);
  };
  const onKeyDown = (event: KeyboardEvent, at: number): void => {
    const to = steps[event.key]?.(at, list.length);
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(list.length - 1, to));
    const transaction = list[index];
    if (transaction === undefined) return;
    setHeld((before) => before ?? transactions);
    virtual.scrollToIndex(index);
    setActive(transaction.number);
    if (opened !== undefined) onOpen(transaction);
  };

  const newest = list[0]?.number ?? 0;
  const above = held === undefined ? 0 : transactions.filter(({ number }) => number > newest).length;
  const reachable = list.some(({ number }) => number === active) ? active : list[0]?.number;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col border-t border-line">
      {above > 0 && (
        <button
          type="button"
          onClick={goOn}
          className="absolute top-9 left-1/2 z-20 -translate-x-1/2 rounded-full bg-accent px-3 py-0.5 text-[12px] font-medium text-panel shadow"
        >
          ↑ {words.traffic.newAbove(countText(above))}
        </button>
      )}
      <div ref={scroller} onScroll={onScroll} className="min-h-0 flex-1 overflow-x-hidden overflow-y-scroll">
        <TrafficHead />
        <ol
          aria-label={words.traffic.title}
          aria-description={words.traffic.hint}
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => {
            const transaction = list[item.index];
            if (transaction === undefined) return null;
            const { number } = transaction;
            return (
              <li
                key={item.key}
                aria-setsize={list.length}
                aria-posinset={item.index + 1}
                className="absolute inset-x-0"
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <TrafficRow
                  id={rowId(number)}
                  transaction={transaction}
                  opened={number === opened}
                  reachable={number === reachable}
                  onOpen={() => onOpen(transaction)}
                  onKeyDown={(event) => onKeyDown(event, item.index)}
                />
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}

const PAGE = 8;
const steps: Readonly<Record<string, (at: number, length: number) => number>> = {
  ArrowDown: (at) => at + 1,
  j: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  k: (at) => at - 1,
  PageDown: (at) => at + PAGE,
  PageUp: (at) => at - PAGE,
  Home: () => 0,
  End: (_, length) => length - 1,
};

const headLooks: Readonly<Record<string, string>> = { from: onlyWide, latency: `${onlyWide} text-right` };

/** For the eye alone: a row read aloud says itself what its parts are. */
function TrafficHead(): ReactNode {
  const { columns } = words.traffic;
  return (
    <div
      aria-hidden="true"
      className={`${trafficColumns} sticky top-0 z-10 border-b border-l-3 border-line border-l-raised bg-raised py-1 text-[12px] font-medium text-quiet`}
    >
      {Object.entries(columns).map(([key, name]) => (
        <span key={key} className={headLooks[key]}>
          {name}
        </span>
      ))}
    </div>
  );
}

function rowHeight(transaction: LiveTransaction | undefined): number {
  return transaction !== undefined && hasReason(verdictKind(transaction)) ? REASON_ROW : PLAIN_ROW;
}

export function rowId(number: number): string {
  return `transaction-${number}`;
}
