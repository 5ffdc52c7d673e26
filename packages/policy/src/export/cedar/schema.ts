import { interlocksOf } from "../../language/check-when.ts";
import type { PolicyFile } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import { moveName } from "./limits.ts";
import { isMoved, moveQuestions } from "./moment.ts";
import { cedarString } from "./text.ts";

/** The Cedar schema of the requests: what `cedarRequests` gives is valid under it, and so are the policies. */
export function cedarSchema(file: PolicyFile, devices: readonly PolicyDevice[]): string {
  const points = devices.flatMap(({ profile }) => profile?.points ?? []);
  const moves = moveQuestions(file);
  const moved = [undefined, ...points].filter((point) => isMoved(moves, point));
  const interlocks = file.rules.flatMap(({ when }) => interlocksOf(when?.interlock)).map(({ point }) => point);
  const raw = record(
    points.map(({ id }) => id),
    "Long",
  );
  const local = record(
    file.rules.flatMap(({ when }) => when?.tz ?? []),
    '{ "day": Long, "minute": Long }',
  );
  const known = record(interlocks, '{ "value": Long, "ageMs": Long }');
  const move = record(
    moved.map((point) => moveName(point)),
    '{ "by": Long, "ageMs": Long }',
  );
  const slews = moves.spans.flatMap((seconds) => moved.map((point) => moveName(point, seconds)));
  return `entity Subject = {
  "role"?: String,
  "tags": Set<String>,
  "kind"?: String
};
entity Element = {
  "unit": Long,
  "device"?: String,
  "table": String,
  "file"?: Long,
  "address": Long
};
action "read", "write" appliesTo {
  principal: [Subject],
  resource: [Element],
  context: {
  "function": Long,
  "subfunction"?: Long,
  "transport": String,
  "listener"?: String,
  "source"?: ipaddr,
  "site"?: String,
  "gateway"?: String,
  "zone"?: String,
  "partial"?: Bool,
  "value"?: Long,
  "bits"?: Set<Long>,
  "raw"?: ${raw},
  "move"?: ${move},
  "slew"?: ${record(slews, "Long")},
  "local"?: ${local},
  "known"?: ${known},
  "tokens"?: Set<String>,
  "approved"?: Set<String>
  }
};
`;
}

function record(names: readonly string[], type: string): string {
  const attributes = [...new Set(names)].map((name) => `    ${cedarString(name)}?: ${type}`);
  return attributes.length === 0 ? "{}" : `{\n${attributes.join(",\n")}\n  }`;
}
