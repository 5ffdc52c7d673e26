import { type DeviceFingerprint, type FingerprintDetails, namedObjects } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { aligned } from "../frame/table.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

export function showFingerprint(context: Context): Command {
  const command = createCommand("fingerprint", {
    summary: "Shows what a device is known by that cannot enrol, and what is different now",
    examples: [["modwarden identity fingerprint meter", "what it was first read as, and any drift"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the device's id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const found = await onSite<FingerprintDetails | null>(options, "identity.fingerprint.show", { id });
      if (options.json) context.json(found);
      else if (found === null) context.print(`${id} was never read: see "fingerprint" in docs/gateway.md`);
      else {
        context.print(`known since ${found.since} by`);
        for (const line of aligned(partsOf(found.accepted))) context.print(`  ${line}`);
        if (found.drifted === undefined) return;
        context.print(`drifted since ${found.drifted.since}`);
        for (const change of found.drifted.changes) context.print(`  ${change}`);
        context.print(`it is the right device: \`modwarden identity accept-fingerprint ${id}\``);
      }
    });
}

/** Null stands for what the device does not offer, which is part of what it is. */
function partsOf({ objects, serverId, registers }: DeviceFingerprint): readonly (readonly [string, string])[] {
  const named = Object.entries(namedObjects(objects ?? {}));
  return [
    ...(objects === null ? ([["identification", "not offered"]] as const) : named),
    ...(serverId === undefined ? [] : ([["server id", serverId ?? "not offered"]] as const)),
    ...Object.entries(registers ?? {}).map(([place, values]) => [place, values?.join(" ") ?? "not offered"] as const),
  ];
}
