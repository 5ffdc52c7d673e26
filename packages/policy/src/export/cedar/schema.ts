import type { PolicyDevice } from "../../rules/device.ts";
import { cedarString } from "./text.ts";

/** The Cedar schema of the requests: what `cedarRequests` gives is valid under it, and so are the policies. */
export function cedarSchema(devices: readonly PolicyDevice[]): string {
  const points = new Set(devices.flatMap(({ profile }) => profile?.points.map(({ id }) => id) ?? []));
  const raw = [...points].map((id) => `    ${cedarString(id)}?: Long`).join(",\n");
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
  "raw"?: {
${raw}
  }
  }
};
`;
}
