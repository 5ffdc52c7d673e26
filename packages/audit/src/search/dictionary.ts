import { hash } from "node:crypto";
import type { Sidecar, SidecarStatement } from "@modwarden/store";
import { type Dimension, dimension, type Said } from "./facts.ts";
import { type Shape, shapeKey } from "./shape.ts";

/** The dimension of shapes, beside those of facts. */
const SHAPE = 0;
/** A value is stored up to this length; of a longer one its hash. */
const MAX_VALUE = 200;
/** Numbers remembered per dimension; beyond it they are looked up again. */
const REMEMBERED = 20_000;

/** A value as the index has it. Null has a text that nothing else has. */
export function storedText(said: Said): string {
  if (said === null) return "-";
  if (typeof said === "number") return String(said);
  if (said.length <= MAX_VALUE && !/^[-#]/.test(said)) return said;
  return `#${hash("sha256", said)}`;
}

interface Id {
  readonly id: number;
}

/** The numbers of terms and shapes, given out as they come up. To be used within a transaction. */
export class Dictionary {
  readonly #find: SidecarStatement<Id>;
  readonly #add: SidecarStatement<Id>;
  readonly #addShape: SidecarStatement<unknown>;
  readonly #addPoint: SidecarStatement<unknown>;
  readonly #known: Map<Said, number>[] = Array.from({ length: 1 + Object.keys(dimension).length }, () => new Map());

  constructor(sidecar: Sidecar) {
    this.#find = sidecar.prepare("select id from term where dimension = ? and value = ?");
    this.#add = sidecar.prepare("insert into term (dimension, value) values (?, ?) returning id");
    this.#addShape = sidecar.prepare("insert into shape values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#addPoint = sidecar.prepare("insert or ignore into shape_point values (?, ?)");
  }

  /** Forgets what was given out in a transaction that came to nothing. */
  forget(): void {
    for (const known of this.#known) known.clear();
  }

  term(of: Dimension, said: Said): number {
    const number = dimension[of];
    return this.#known[number]!.get(said) ?? this.#remember(number, said, this.#lookUp(number, storedText(said)).id);
  }

  shape(shape: Shape): number {
    const key = shapeKey(shape);
    const known = this.#known[SHAPE]!.get(key);
    if (known !== undefined) return known;
    const { id, isNew } = this.#lookUp(SHAPE, storedText(`=${key}`));
    if (isNew) {
      const { device, unit, table, file, address, quantity, how, points } = shape;
      const stored = device === null ? null : storedText(device);
      this.#addShape.run(id, stored, unit, table, file, address, quantity, how, JSON.stringify(points));
      for (const point of points) this.#addPoint.run(storedText(point), id);
    }
    return this.#remember(SHAPE, key, id);
  }

  #lookUp(of: number, value: string): Id & { readonly isNew: boolean } {
    const found = this.#find.get(of, value);
    return found === undefined ? { id: this.#add.get(of, value)!.id, isNew: true } : { id: found.id, isNew: false };
  }

  #remember(of: number, said: Said, id: number): number {
    const known = this.#known[of]!;
    if (known.size >= REMEMBERED) known.clear();
    known.set(said, id);
    return id;
  }
}
