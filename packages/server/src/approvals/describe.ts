import type { Access } from "@modwarden/access";
import type { PolicyDevice } from "@modwarden/policy";
import { decodePoint, type Profile } from "@modwarden/profile";

/** A sentence, not a list: the accesses themselves have everything. */
const MAX_PARTS = 8;

/** What a request does, for people who are to approve it: "drive setpoint := 40 %, control_word := 1279". */
export function describeRequest(
  accesses: readonly Access[],
  operation: { readonly function: number; readonly subfunction?: number },
  device: PolicyDevice | undefined,
): string {
  const writes = accesses.filter(({ write }) => write);
  const parts = (writes.length > 0 ? writes : accesses).flatMap((access) =>
    partsOf(access, operation, device?.profile),
  );
  const shown = parts.slice(0, MAX_PARTS).join(", ");
  const more = parts.length > MAX_PARTS ? ` and ${parts.length - MAX_PARTS} more` : "";
  return `${device?.id ?? `unit ${accesses[0]?.unit ?? 0}`} ${shown}${more}`;
}

function partsOf(
  access: Access,
  { function: code, subfunction }: { readonly function: number; readonly subfunction?: number },
  profile: Profile | undefined,
): readonly string[] {
  const { table, file, address, quantity, write, values, mask } = access;
  if (file !== undefined) {
    return [`${write ? "write" : "read"} file ${file} record ${address}, ${quantity} registers`];
  }
  if (table === null) return [`function ${code}${subfunction === undefined ? "" : `/${subfunction}`}`];
  const whole = (access.points ?? []).flatMap((name) => {
    const point = profile?.point(name);
    return point === undefined || point.address < address || point.address + point.count > address + quantity
      ? []
      : [point];
  });
  const range = quantity === 1 ? `${table} ${address}` : `${table} ${address} to ${address + quantity - 1}`;
  const named = access.points === undefined ? range : `${access.points.join(", ")} (${range})`;
  if (!write) return [`read ${named}`];
  if (mask !== undefined) return [`${named}: keep ${hex(mask.and)}, set ${hex(mask.or)}`];
  if (values === undefined) return [`write ${named}`];
  const covered = whole.reduce((sum, point) => sum + point.count, 0);
  // Points that overlap, or registers that belong to none: then the raw values say it all.
  if (profile === undefined || covered !== quantity) return [`${named} := ${values.join(" ")}`];
  return whole.map((point) => {
    const { value, text } = decodePoint(profile, point, (where, at) =>
      where === table ? values[at - address] : undefined,
    );
    const raw = values.slice(point.address - address, point.address - address + point.count);
    // Of bits and enumerations the names, and the number that the rule and the request have.
    const said = typeof value === "number" && !text.startsWith(String(value)) ? `${value} = ${text}` : text;
    return `${point.id} := ${said} (${table} ${point.address}, raw ${raw.join(" ")})`;
  });
}

function hex(register: number): string {
  return `0x${register.toString(16).padStart(4, "0")}`;
}
