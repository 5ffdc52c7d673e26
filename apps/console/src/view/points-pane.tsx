/** The chosen device: what it is, and its points in a table that can be filtered. */
import { type ReactNode, useState } from "react";
import { matchesPoint } from "../model/filters.ts";
import type { KnownDevice } from "../model/live.ts";
import { words } from "../words/index.ts";
import { FilterBox } from "./filter-box.tsx";
import { onlyWide, onlyWidest, PointRow } from "./point-row.tsx";

export function PointsPane({
  device,
  now,
}: {
  readonly device: KnownDevice | undefined;
  readonly now: number;
}): ReactNode {
  const [filter, setFilter] = useState("");
  if (device === undefined) {
    return <section className="border-b border-line bg-panel px-4 py-3 text-quiet">{words.points.choose}</section>;
  }
  const { view } = device;
  const points = view.points.filter((point) => matchesPoint(point, filter));
  return (
    <section aria-labelledby="points-title" className="flex max-h-[46%] min-h-[30%] shrink-0 flex-col bg-panel">
      <div className="flex items-center gap-3 px-4 pt-2.5 pb-2">
        <h2 id="points-title" className="font-semibold whitespace-nowrap">
          {words.points.title(view.id)}
        </h2>
        <span className="hidden min-w-0 truncate text-[12px] text-quiet @min-[820px]:inline" title={view.address}>
          {view.profile} · <span className="font-mono text-[11.5px]">{view.address}</span>
        </span>
        <span className="ml-auto whitespace-nowrap text-[12px] text-quiet">
          {words.points.shown(points.length, view.points.length)}
        </span>
        <FilterBox
          label={words.points.filter}
          hint={words.points.filterHint}
          value={filter}
          onChange={setFilter}
          shortcut="/"
          className="w-48"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-auto border-y border-line">
        {points.length === 0 ? (
          <p className="px-4 py-3 text-quiet">
            {view.points.length === 0 ? words.points.noPoints : words.points.noMatch}
          </p>
        ) : (
          <PointsTable device={device} points={points} now={now} />
        )}
      </div>
    </section>
  );
}

interface TableProps {
  readonly device: KnownDevice;
  readonly points: KnownDevice["view"]["points"];
  readonly now: number;
}

function PointsTable({ device, points, now }: TableProps): ReactNode {
  const { columns } = words.points;
  const elapsed = Math.max(0, now - device.receivedAt);
  return (
    <table className="w-full table-fixed border-separate border-spacing-0">
      <thead>
        <tr className="text-left text-[12px] text-quiet">
          <Head className="pl-4">{columns.point}</Head>
          <Head className="w-[26%] text-right @min-[820px]:w-[18%]">{columns.value}</Head>
          <Head className="w-26">{columns.quality}</Head>
          <Head className="w-13 text-right">{columns.age}</Head>
          <Head className={`w-[15%] ${onlyWide}`}>{columns.raw}</Head>
          <Head className="w-36">{columns.address}</Head>
          <Head className={`w-24 ${onlyWide}`}>{columns.type}</Head>
          <Head className={`w-22 ${onlyWide}`}>{columns.access}</Head>
          <Head className={`w-28 ${onlyWidest}`}>{columns.labels}</Head>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <PointRow
            key={`${device.view.id} ${point.id}`}
            point={point}
            ageMs={point.ageMs === null ? null : point.ageMs + elapsed}
            change={device.changes.get(point.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

function Head({ children, className = "" }: { readonly children: ReactNode; readonly className?: string }): ReactNode {
  return (
    <th
      scope="col"
      className={`sticky top-0 z-10 border-b border-line bg-raised px-2 py-1 font-medium whitespace-nowrap ${className}`}
    >
      {children}
    </th>
  );
}
