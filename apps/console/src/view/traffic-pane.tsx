/** Transactions as they happen, with the filters that find the one that matters. */
import { type ReactNode, useMemo, useState } from "react";
import type { LiveTransaction } from "../api/wire.ts";
import { everything, isFiltering, matchesTraffic, type TrafficFilter } from "../model/filters.ts";
import { countText } from "../model/format.ts";
import { isRefusal } from "../model/verdict.ts";
import { words } from "../words/index.ts";
import { FilterBox } from "./filter-box.tsx";
import { CloseSign, WarningSign } from "./icons.tsx";
import { TrafficList } from "./traffic-list.tsx";

interface Props {
  readonly transactions: readonly LiveTransaction[];
  readonly dropped: number;
  readonly devices: readonly string[];
  readonly opened: number | undefined;
  readonly onOpen: (transaction: LiveTransaction | undefined) => void;
}

export function TrafficPane({ transactions, dropped, devices, opened, onOpen }: Props): ReactNode {
  const [filter, setFilter] = useState<TrafficFilter>(everything);
  const refused = useMemo(() => transactions.filter(isRefusal).length, [transactions]);
  const newestFirst = useMemo(
    () => transactions.filter((transaction) => matchesTraffic(transaction, filter)).toReversed(),
    [transactions, filter],
  );
  return (
    <section aria-labelledby="traffic-title" className="flex min-h-0 flex-1 flex-col bg-panel">
      <div className="flex items-center gap-3 px-4 pt-2.5 pb-2">
        <h2 id="traffic-title" className="font-semibold">
          {words.traffic.title}
        </h2>
        <span className="hidden text-[12px] whitespace-nowrap text-quiet @min-[820px]:inline">
          {words.traffic.shown(countText(newestFirst.length), countText(transactions.length))}
        </span>
        {dropped > 0 && (
          <span
            className="flex items-center gap-1 rounded bg-warn-soft px-1.5 text-[12px] whitespace-nowrap text-warn"
            title={words.traffic.droppedHint}
          >
            <WarningSign />
            {words.traffic.dropped(countText(dropped))}
          </span>
        )}
        <div className="ml-auto flex items-center gap-2">
          <RefusedToggle
            pressed={filter.refusedOnly}
            count={refused}
            onToggle={() => setFilter({ ...filter, refusedOnly: !filter.refusedOnly })}
          />
          <DeviceChoice
            devices={devices}
            value={filter.device}
            onChange={(device) => setFilter({ ...filter, device })}
          />
          <FilterBox
            label={words.traffic.subject}
            hint={words.traffic.subjectHint}
            value={filter.subject}
            onChange={(subject) => setFilter({ ...filter, subject })}
            className="w-40 @min-[820px]:w-48"
          />
        </div>
      </div>
      {newestFirst.length > 0 ? (
        <TrafficList key={JSON.stringify(filter)} transactions={newestFirst} opened={opened} onOpen={onOpen} />
      ) : (
        <p className="border-t border-line px-4 py-4 text-quiet">
          {isFiltering(filter) ? words.traffic.noMatch : words.traffic.waiting}{" "}
          {isFiltering(filter) && (
            <button type="button" className="text-accent underline" onClick={() => setFilter(everything)}>
              {words.traffic.clearFilters}
            </button>
          )}
        </p>
      )}
    </section>
  );
}

interface ToggleProps {
  readonly pressed: boolean;
  readonly count: number;
  readonly onToggle: () => void;
}

function RefusedToggle({ pressed, count, onToggle }: ToggleProps): ReactNode {
  const looks = pressed ? "border-bad bg-bad-soft text-bad" : "border-line bg-ground";
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onToggle}
      className={`flex items-center gap-1.5 rounded-md border px-2.5 py-1 text-[12.5px] whitespace-nowrap ${looks}`}
    >
      <span className="text-bad">
        <CloseSign />
      </span>
      {words.traffic.refusedOnly}
      <span className="text-quiet">{countText(count)}</span>
    </button>
  );
}

interface ChoiceProps {
  readonly devices: readonly string[];
  readonly value: string;
  readonly onChange: (device: string) => void;
}

function DeviceChoice({ devices, value, onChange }: ChoiceProps): ReactNode {
  return (
    <select
      aria-label={words.traffic.device}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="rounded-md border border-line bg-ground px-2 py-1 text-[12.5px]"
    >
      <option value="">{words.traffic.anyDevice}</option>
      {devices.map((device) => (
        <option key={device} value={device}>
          {device}
        </option>
      ))}
    </select>
  );
}
