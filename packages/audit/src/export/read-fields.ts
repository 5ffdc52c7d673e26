import type { JsonValue } from "../record/json.ts";

/** A value in a record that was read: anything, for the log of another version may hold what this one does not know. */
export type Field = JsonValue | undefined;

export interface Fields {
  readonly [name: string]: Field;
}

const nothing: Fields = {};
const none: readonly JsonValue[] = [];

/** An object's fields; none for anything else. */
export function fieldsOf(value: Field): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : nothing;
}

export function listOf(value: Field): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : none;
}

export function textOf(value: Field): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function numberOf(value: Field): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function truthOf(value: Field): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

export function textsOf(value: Field): readonly string[] {
  return listOf(value).filter((item) => typeof item === "string");
}

/** Numbers of a list, null where one was not known; undefined where there is no list. */
export function numbersOf(value: Field): readonly (number | null)[] | undefined {
  return Array.isArray(value) ? value.map((item) => (typeof item === "number" ? item : null)) : undefined;
}
