import type { StatedRule } from "../diff/circumstances.ts";
import type { RawRegion } from "../diff/compare.ts";
import { NameClasses } from "../diff/dimension.ts";
import { NetworkClasses } from "../diff/networks.ts";
import { ANY_REGISTER } from "../diff/registers.ts";
import type { PolicyDevice, Question } from "../index.ts";
import { parseSource } from "../language/network.ts";
import { transportBit } from "../language/transports.ts";
import { firstElement, lastElement } from "../rules/elements.ts";

/** Whether a region is about a question: its role, target, function, elements, transport, source, subject and value. */
export function holds(
  region: RawRegion,
  question: Question,
  rules: readonly StatedRule[],
  devices: readonly PolicyDevice[],
): boolean {
  const { target, code, subfunction, table, write, start, end, piece, role } = region;
  const device = devices.find(({ id }) => id === question.device);
  if (role !== question.role || code !== question.functionCode) return false;
  if (device === undefined ? !target.units.includes(question.unit) : !target.devices.includes(device.id)) return false;
  const said = question.subfunction;
  if (
    typeof subfunction === "number"
      ? said !== subfunction
      : subfunction !== undefined && (subfunction === "unsaid") !== (said === undefined)
  ) {
    return false;
  }
  const compiled = rules.map((rule) => rule.compiled);
  const { box } = piece;
  const set = (name: string, part: bigint) => ((box.get(name) ?? part) & part) !== 0n;
  const ids = new NameClasses(
    "",
    compiled.flatMap((rule) => [...(rule.ids ?? [])]),
  );
  const kinds = new NameClasses(
    "",
    compiled.flatMap((rule) => [...(rule.kinds ?? [])]),
  );
  const listeners = new NameClasses(
    "",
    compiled.flatMap((rule) => [...(rule.listeners ?? [])]),
  );
  const networks = new NetworkClasses(compiled.flatMap((rule) => rule.networks ?? []));
  const source = question.source === undefined ? undefined : parseSource(question.source);
  const fits =
    set("transport", BigInt(transportBit(question.transport))) &&
    set("id", ids.classOf(question.subject ?? undefined)) &&
    set("kind", kinds.classOf(question.kind)) &&
    set("listener", listeners.classOf(question.listener)) &&
    set("source", networks.classOf(source));
  if (!fits) return false;
  return question.accesses.some((access) => {
    if (access.table !== table || access.write !== write) return false;
    const first = firstElement(code, access);
    const last = lastElement(access, first);
    for (let element = Math.max(first, start); element <= Math.min(last, end); element += 1) {
      const value = access.values?.[element - first];
      const bits = access.mask === undefined ? undefined : ~access.mask.and & 0xffff;
      const valueFits = value === undefined || set("value", (1n << BigInt(value)) & ANY_REGISTER);
      if (valueFits && (bits === undefined || set("bits", 1n << BigInt(bits)))) return true;
    }
    return false;
  });
}
