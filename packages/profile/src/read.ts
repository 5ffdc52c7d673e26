import { DocumentError, type Path, type Problem, readDocument } from "@modwarden/document";
import { checkBehaviour } from "./check-behaviour.ts";
import { checkBlocks, checkLayout, checkPoint, type Report, shapeOf } from "./check-points.ts";
import { fractionOf } from "./fraction.ts";
import { checkGolden } from "./golden.ts";
import type { Point, Table } from "./point.ts";
import type { Profile } from "./profile.ts";
import { type PointDocument, type ProfileDocument, profileSchema } from "./schema.ts";
import { TableIndex } from "./table-index.ts";

/**
 * Reads a device file. Throws `DocumentError` (ERR_DOCUMENT) that names file:line:column of everything wrong: the
 * form, points against each other, their blocks, scales and limits, and the golden vectors, which must come out true.
 */
export function readProfile(text: string, file: string): Profile {
  const source = readDocument(text, file, profileSchema);
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push(source.problem(path, message));
  const stop = () => {
    if (problems.length > 0) throw new DocumentError(file, problems);
  };
  const document = source.value;

  checkBlocks(document.blocks, report);
  const points: Point[] = [];
  const places: Path[] = [];
  for (const [index, entry] of document.points.entries()) {
    const path = ["points", index];
    const shape = shapeOf(entry, path, report);
    if (shape === undefined) continue;
    const point = toPoint(entry, shape);
    checkPoint(point, entry, path, report);
    points.push(point);
    places.push(path);
  }
  stop();
  checkLayout(points, places, document.blocks, report);
  stop();
  const profile = build(document, points, file, source);
  checkBehaviour(profile, report);
  checkGolden(profile, report);
  stop();
  return profile;
}

function toPoint(document: PointDocument, shape: Pick<Point, "type" | "count">): Point {
  const { min, max } = document.limits ?? {};
  return Object.freeze({
    id: document.id,
    table: document.table,
    address: document.address,
    count: shape.count,
    type: shape.type,
    order: document.order,
    scale: document.scale,
    ...(typeof document.scale === "number" ? { factor: fractionOf(document.scale) } : {}),
    ...(document.unit === undefined ? {} : { unit: document.unit }),
    access: document.access,
    bits: numbered(document.bits),
    enum: numbered(document.enum),
    nan: (document.nan ?? []).map(BigInt),
    limits: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
    labels: document.labels ?? [],
    ...(document.poll === undefined ? {} : { poll: document.poll }),
    ...(document.expect === undefined ? {} : { expect: document.expect }),
    alias: document.alias,
  });
}

function numbered(names: Readonly<Record<string, string>> | undefined): ReadonlyMap<number, string> {
  return new Map(Object.entries(names ?? {}).map(([number, name]) => [Number(number), name]));
}

function build(document: ProfileDocument, points: readonly Point[], file: string, source: Profile["source"]): Profile {
  const byId = new Map(points.map((point) => [point.id, point]));
  const index = (table: Table) =>
    new TableIndex(
      points.filter((point) => point.table === table),
      document.blocks.filter((block) => block.table === table),
    );
  const tables: Readonly<Record<Table, TableIndex>> = {
    coil: index("coil"),
    discrete: index("discrete"),
    holding: index("holding"),
    input: index("input"),
  };
  return Object.freeze({
    name: nameOf(file),
    device: document.device,
    identify: document.identify,
    link: document.link,
    blocks: document.blocks,
    points,
    ...(document.behaviour === undefined ? {} : { behaviour: document.behaviour }),
    golden: document.golden,
    source: { file, problem: source.problem, fail: source.fail },
    point: (id) => byId.get(id),
    pointsAt: (table, address, quantity) => tables[table].pointsAt(address, quantity),
    covers: (table, address, quantity) => tables[table].covers(address, quantity),
    readable: (table, address, quantity) => tables[table].readable(address, quantity),
    writable: (table, address, quantity) => tables[table].writable(address, quantity),
    partial: (table, address, quantity) => tables[table].partial(address, quantity),
  } satisfies Profile);
}

function nameOf(file: string): string {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  return base.replace(/\.(ya?ml|json)$/i, "");
}
