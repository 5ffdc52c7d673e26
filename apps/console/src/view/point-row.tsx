/** One point. A missing value is said in words; a stale one is grey, italic, and shows its age. */
import { type ReactNode, useState } from "react";
import type { PointView } from "../api/wire.ts";
import { ageText, bothAddresses, rawText, wordsText } from "../model/format.ts";
import { qualityAt } from "../model/freshness.ts";
import type { Change } from "../model/live.ts";
import { words } from "../words/index.ts";

interface Props {
  readonly point: PointView;
  readonly ageMs: number | null;
  readonly change: Change | undefined;
}

export function PointRow({ point, ageMs, change }: Props): ReactNode {
  const quality = qualityAt(point.quality, ageMs);
  const faded = quality === "good" ? "" : "text-quiet italic";
  const raw = rawText(point.table, point.raw);
  return (
    <tr className="group hover:bg-raised" data-point={point.id} data-quality={quality}>
      <th scope="row" className={`${cell} pl-4 text-left font-medium`} title={[point.id, ...point.labels].join(", ")}>
        {point.id}
      </th>
      <td className={`${cell} text-right ${faded}`} title={point.text}>
        <Value point={point} change={change} />
      </td>
      <td className={`${cell} ${quality === "stale" ? "text-warn" : "text-quiet"}`}>{words.qualities[quality]}</td>
      <td className={`${cell} text-right ${quality === "stale" ? "text-warn italic" : "text-quiet"}`}>
        {ageMs === null ? words.points.never : ageText(ageMs)}
      </td>
      <td className={`${cell} font-mono text-[12px] ${faded} ${onlyWide}`} title={raw}>
        {raw === "" ? <Dash /> : wordsText(point.table, point.raw)}
      </td>
      <td className={`${cell} font-mono text-[12px] text-quiet`}>{bothAddresses(point.table, point.address)}</td>
      <td className={`${cell} text-quiet ${onlyWide}`}>
        {point.type}
        {point.order !== undefined && severalRegisters.has(point.type) && (
          <span className="text-[11.5px]"> {point.order}</span>
        )}
      </td>
      <td className={`${cell} ${onlyWide} ${point.access === "r" ? "text-quiet" : ""}`}>
        {words.points.access[point.access]}
      </td>
      <td className={`${cell} text-quiet ${onlyWidest}`}>{point.labels.join(", ")}</td>
    </tr>
  );
}

/** Types for which the order of words says anything. */
const severalRegisters: ReadonlySet<string> = new Set(["u32", "s32", "u64", "s64", "f32", "f64", "bcd", "epoch32"]);

/** Of a column that there is no room for beside an open drawer. */
export const onlyWide = "hidden @min-[820px]:table-cell";
/** Of one that can be spared sooner: the point's name shows it on hovering, and the filter finds it. */
export const onlyWidest = "hidden @min-[1120px]:table-cell";

/** Columns have their widths whatever stands in them: what is longer is cut, and whole on hovering. */
const cell = "truncate border-b border-line/60 px-2 py-[3px]";

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
