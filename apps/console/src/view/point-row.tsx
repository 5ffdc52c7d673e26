/** One point. A missing value is said in words; a stale one is grey, italic, and shows its age. */
import { type ReactNode, useState } from "react";
import type { PointView } from "../api/wire.ts";
import { ageText, bothAddresses, rawText } from "../model/format.ts";
import type { Change } from "../model/live.ts";
import { words } from "../words/index.ts";

interface Props {
  readonly point: PointView;
  readonly ageMs: number | null;
  readonly change: Change | undefined;
}

export function PointRow({ point, ageMs, change }: Props): ReactNode {
  const faded = point.quality === "good" ? "" : "text-quiet italic";
  const raw = rawText(point.table, point.raw);
  return (
    <tr className="group hover:bg-raised" data-point={point.id} data-quality={point.quality}>
      <th scope="row" className={`${cell} pl-4 text-left font-medium`}>
        {point.id}
      </th>
      <td className={`${cell} text-right ${faded}`}>
        <Value point={point} change={change} />
      </td>
      <td className={`${cell} ${point.quality === "stale" ? "text-warn" : "text-quiet"}`}>
        {words.qualities[point.quality]}
      </td>
      <td className={`${cell} text-right ${point.quality === "stale" ? "text-warn italic" : "text-quiet"}`}>
        {ageMs === null ? words.points.never : ageText(ageMs)}
      </td>
      <td className={`${cell} font-mono text-[12px] ${faded}`}>{raw === "" ? <Dash /> : raw}</td>
      <td className={`${cell} font-mono text-[12px] text-quiet`}>{bothAddresses(point.table, point.address)}</td>
      <td className={`${cell} text-quiet ${onlyWide}`}>
        {point.type}
        {point.order !== undefined && <span className="text-[11.5px]"> {point.order}</span>}
      </td>
      <td className={`${cell} ${onlyWide} ${point.access === "r" ? "text-quiet" : ""}`}>
        {words.points.access[point.access]}
      </td>
      <td className={`${cell} pr-4 text-quiet ${onlyWide}`}>{point.labels.join(", ")}</td>
    </tr>
  );
}

/** Of a column that there is no room for beside an open drawer. */
export const onlyWide = "hidden @min-[820px]:table-cell";

const cell = "border-b border-line/60 px-2 py-[3px] whitespace-nowrap";

function Value({ point, change }: { readonly point: PointView; readonly change: Change | undefined }): ReactNode {
  if (point.value === null) return <span>{point.text === "" ? words.points.noValue : point.text}</span>;
  return (
    <Flash key={change?.at} change={change}>
      {point.text}
      {point.unit !== undefined && point.unit !== "" && (
        <span className="text-quiet">
          {"\u2009"}
          {point.unit}
        </span>
      )}
    </Flash>
  );
}

const FLASH_MS = 600;
const arrows = { rose: "▲", fell: "▼", changed: "●" } as const;

/** Made anew for every change, so that the animation runs once for each; an old change does not flash again. */
function Flash({ change, children }: { readonly change: Change | undefined; readonly children: ReactNode }): ReactNode {
  const [fresh] = useState(() => change !== undefined && Date.now() - change.at < FLASH_MS);
  if (change === undefined || !fresh) return <span className="px-1 font-semibold">{children}</span>;
  return (
    <span className="just-changed rounded-sm px-1 font-semibold" data-flash={change.direction}>
      <span className="just-changed-arrow pr-1 text-[9px] text-accent" aria-hidden="true">
        {arrows[change.direction]}
      </span>
      {children}
    </span>
  );
}

function Dash(): ReactNode {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="sr-only">{words.points.noValue}</span>
    </>
  );
}
