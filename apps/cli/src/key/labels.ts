import { formatLabel, isOfflineKey, parseRegistrationKey } from "@modwarden/identity";
import { encode } from "uqr";

/** One key as it is stuck on a device or handed over on paper. */
export interface Label {
  readonly key: string;
  readonly id: string;
  readonly expires?: string;
  readonly pin?: string;
  readonly serial?: string;
  readonly note?: string;
}

/** Millimetres of an A4 page, and of one label on it. */
const PAGE = { width: 210, height: 297, margin: 8 } as const;
const LABEL = { width: 97, height: 45 } as const;
const COLUMNS = 2;
const ROWS = 6;
const QUIET_ZONE = 2;

/** What a scanner reads: the label of a key in a QR code's alphanumeric mode, an offline key as it is. */
export function labelText(key: string): string {
  return isOfflineKey(key) ? key : formatLabel(parseRegistrationKey(key));
}

/** A printable sheet (SVG, millimetres, pages below each other): key and pin as QR codes, label, id, expiry, serial. */
export function labelSheet(labels: readonly Label[]): string {
  const pages = Math.max(1, Math.ceil(labels.length / (COLUMNS * ROWS)));
  const height = pages * PAGE.height;
  const drawn = labels.map((label, index) => {
    const onPage = index % (COLUMNS * ROWS);
    const x = PAGE.margin + (onPage % COLUMNS) * LABEL.width;
    const y =
      Math.floor(index / (COLUMNS * ROWS)) * PAGE.height + PAGE.margin + Math.floor(onPage / COLUMNS) * LABEL.height;
    return `<g transform="translate(${x} ${y})">${drawLabel(label)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${PAGE.width}mm" height="${height}mm" viewBox="0 0 ${PAGE.width} ${height}" font-family="monospace">`,
    `<rect width="${PAGE.width}" height="${height}" fill="#fff"/>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function drawLabel({ key, id, expires, pin, serial, note }: Label): string {
  const lines: (readonly [string, number])[] = [
    ...(note === undefined ? [] : [[note, 3] as const]),
    ...(serial === undefined ? [] : [[`serial ${serial}`, 3] as const]),
    [`key ${id}`, 3],
    ...(expires === undefined ? [] : [[`until ${expires.slice(0, 16).replace("T", " ")} UTC`, 3] as const]),
  ];
  const text = labelText(key);
  const shown = isOfflineKey(key) ? [] : groupedLines(text).map((line) => [line, 2.6] as const);
  const drawn = [...lines, ...shown].map(
    ([line, size], row) => `<text x="44" y="${5 + row * 4}" font-size="${size}">${escaped(line)}</text>`,
  );
  return [
    `<rect x="0.5" y="0.5" width="${LABEL.width - 1}" height="${LABEL.height - 1}" fill="none" stroke="#bbb" stroke-width="0.2"/>`,
    qr(text, 2, 2, 40),
    ...drawn,
    ...(pin === undefined ? [] : [qr(pin, 81, 30, 14), `<text x="74" y="38" font-size="2.6">pin</text>`]),
  ].join("");
}

/** The dark modules as one path, so that a printer draws them without seams. */
function qr(text: string, x: number, y: number, millimetres: number): string {
  const { data, size } = encode(text, { ecc: text.length > 300 ? "L" : "M", border: QUIET_ZONE });
  const path = data
    .flatMap((row, top) => row.flatMap((dark, left) => (dark ? [`M${left} ${top}h1v1h-1z`] : [])))
    .join("");
  const scale = (millimetres / size).toFixed(5);
  return `<path transform="translate(${x} ${y}) scale(${scale})" fill="#000" shape-rendering="crispEdges" d="${path}"/>`;
}

/** Four groups a line: a group that is torn apart is misread. */
function groupedLines(label: string): readonly string[] {
  return label.match(/(?:[^-]+-?){1,4}/g) ?? [];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
