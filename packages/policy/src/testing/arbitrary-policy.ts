import type { Transport } from "@modwarden/access";
import fc from "fast-check";
import type { EntryText, FunctionText, PolicyFile, RangeText, RuleText } from "../index.ts";

/** Small worlds, so that rules and questions often meet. */
const roles = ["Viewer", "Operator"] as const;
const table = fc.constantFrom("coil", "discrete", "holding", "holding", "input");
const transport = fc.constantFrom<Transport>("tls", "tls", "tcp", "rtu");
/** Left out two times of three: rules with every condition at once permit nothing. */
const optional = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

function rangeIn(least: number, most: number): fc.Arbitrary<RangeText> {
  return fc
    .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: 0, max: 8 }))
    .map(([start, more]) => (more === 0 ? start : `${start}-${Math.min(most, start + more)}`));
}

const functionText: fc.Arbitrary<FunctionText> = fc.constantFrom(
  ...([1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 6, 16, 22, 23, 6, 16] as const),
  ...([8, 43, 90, 65, "8/1", "8/0", "43/14"] as const),
);
/** With 16 among them, a mask and a table of holding registers always have something to judge. */
const writing = fc.subarray<FunctionText>([3, 5, 6, 15, 22, 23]).map((functions) => [16, ...functions]);

const rawLimits = fc.record({
  min: optional(fc.constantFrom(1, 2, 100)),
  max: optional(fc.constantFrom(100, 255, 60000)),
  values: optional(fc.uniqueArray(fc.constantFrom(0, 1, 2, 100, 256), { minLength: 1, maxLength: 3 })),
  mask: optional(fc.constantFrom(1, 3, 0xff, 0xff00, 0xffff)),
});

const functionsEntry = (limited: boolean): fc.Arbitrary<EntryText> =>
  fc
    .record({
      functions: limited ? writing : fc.array(functionText, { minLength: 1, maxLength: 6 }),
      table: optional(limited ? fc.constant("holding" as const) : table),
      addresses: optional(fc.array(rangeIn(0, 27), { minLength: 1, maxLength: 2 })),
      limits: limited ? rawLimits : fc.constant(undefined),
    })
    .map(({ limits, ...entry }) => ({ ...entry, ...limits }));

const pointName = fc.constantFrom(
  ...(["mode", "target", "offset", "inverse", "counter", "level", "energy", "balance", "title"] as const),
  ...(["flags", "swapped", "enabled", "percent", "pump", "lamp"] as const),
);
const label = fc.constantFrom("setpoint", "command").map((name) => ({ label: name }));

const readPoint: fc.Arbitrary<EntryText> = fc
  .oneof(pointName, fc.constantFrom("door", "temperature"), label, fc.constant({ label: "measurement" }))
  .map((read) => ({ read }));

const engineering = fc.record({
  min: optional(fc.constantFrom(-1, 0, 0.1, 0.5, 1, 2)),
  max: optional(fc.constantFrom(2, 2.5, 80, 25.6, 5000)),
});

/** Limits that each kind of point can have. */
const writePoint = (limited: boolean): fc.Arbitrary<EntryText> => {
  const named = fc.oneof(pointName, label).map((write): EntryText => ({ write }));
  if (!limited) return named;
  const numeric = fc
    .tuple(
      fc.constantFrom("target", "offset", "inverse", "counter", "level", "energy", "balance", "percent", "enabled"),
      engineering,
    )
    .map(([write, limits]): EntryText => ({ write, ...limits }));
  const listed = fc
    .tuple(
      fc.constantFrom("mode", "target", "offset", "inverse", "counter", "energy", "pump"),
      fc.subarray([0, 1], { minLength: 1 }),
    )
    .map(([write, values]): EntryText => ({ write, values }));
  const masked = fc
    .tuple(fc.constantFrom("mode", "flags", "swapped"), fc.constantFrom(1, 3, 0xff, 0xff00), optional(fc.constant(2)))
    .map(([write, mask, max]): EntryText => ({ write, mask, max }));
  return fc.oneof(named, numeric, listed, masked);
};

const when = optional(
  fc.record({
    transports: optional(fc.uniqueArray(transport, { minLength: 1, maxLength: 2 })),
    sources: optional(fc.constantFrom(["10.0.0.0/8"], ["10.1.0.0/16", "192.168.1.7"])),
  }),
);

const ruleTarget = fc.record({
  place: fc.oneof(
    fc.constant({}),
    fc.array(fc.oneof(fc.constant(0), rangeIn(1, 3)), { minLength: 1, maxLength: 2 }).map((units) => ({ units })),
    fc.constantFrom(["boiler"], ["zero", "boiler"], ["zero"]).map((named) => ({ devices: named })),
    fc.constant({ devices: ["boiler"], units: ["1-3"] }),
  ),
  roles: fc.oneof(fc.constant("*" as const), fc.subarray([...roles], { minLength: 1 })),
});

const permit = fc
  .tuple(
    ruleTarget,
    fc.array(fc.oneof(functionsEntry(true), functionsEntry(false), readPoint, writePoint(true)), {
      minLength: 1,
      maxLength: 3,
    }),
    when,
  )
  .map(
    ([{ roles: named, place }, allow, conditions]): Omit<RuleText, "id"> => ({
      permit: { roles: named },
      ...place,
      allow,
      when: conditions,
    }),
  );
const forbid = fc
  .tuple(
    ruleTarget,
    fc.array(fc.oneof(functionsEntry(false), readPoint, writePoint(false)), { minLength: 1, maxLength: 2 }),
    when,
  )
  .map(
    ([{ roles: named, place }, deny, conditions]): Omit<RuleText, "id"> => ({
      forbid: { roles: named },
      ...place,
      deny,
      when: conditions,
    }),
  );

export const arbitraryPolicy: fc.Arbitrary<PolicyFile> = fc
  .array(fc.oneof({ weight: 6, arbitrary: permit }, { weight: 1, arbitrary: forbid }), { minLength: 3, maxLength: 10 })
  .map((rules) => ({
    policy: 1,
    mode: "enforce",
    roles,
    rules: rules.map((rule, index) => ({ id: `rule-${index}`, ...rule })),
    tests: [],
  }));
