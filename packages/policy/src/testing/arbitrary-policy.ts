import type { Transport } from "@modwarden/access";
import fc from "fast-check";
import type {
  ApprovalText,
  EntryText,
  FunctionText,
  InterlockText,
  PolicyFile,
  RangeText,
  RuleText,
  SubjectKind,
} from "../index.ts";

/** Small worlds, so that rules and questions often meet. */
const roles = ["Viewer", "Operator"] as const;
const table = fc.constantFrom("coil", "discrete", "holding", "holding", "input");
const transport = fc.constantFrom<Transport>("tls", "tls", "tcp", "rtu");
const rarely = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** Left out two times of three: rules with every condition at once permit nothing. */
const optional = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

function rangeIn(least: number, most: number): fc.Arbitrary<RangeText> {
  return fc
    .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: 0, max: 8 }))
    .map(([start, more]) => (more === 0 ? start : `${start}-${Math.min(most, start + more)}`));
}

const functionText: fc.Arbitrary<FunctionText> = fc.constantFrom(
  ...([20, 21, 24, 1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 6, 16, 22, 23, 6, 16] as const),
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

const filesEntry: fc.Arbitrary<EntryText> = fc
  .record({
    functions: fc.subarray<FunctionText>([20, 21], { minLength: 1 }),
    files: fc.array(rangeIn(1, 9), { minLength: 1, maxLength: 2 }),
    records: optional(fc.array(rangeIn(0, 12), { minLength: 1, maxLength: 2 })),
  })
  .map((entry) => entry);
const fifoEntry: fc.Arbitrary<EntryText> = fc
  .array(rangeIn(0, 20), { minLength: 1, maxLength: 2 })
  .map((addresses) => ({ functions: [24], addresses }));

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
  const stepped = fc
    .record({
      write: fc.constantFrom("target", "offset", "inverse", "counter", "level", "balance", "percent"),
      max: optional(fc.constantFrom(80, 5000)),
      maxStep: fc.constantFrom(0.1, 0.5, 1, 2.5, 10, 1000),
      perSeconds: optional(fc.constantFrom(10, 60)),
      maxAgeMs: optional(fc.constantFrom(1000, 9000)),
    })
    .map((entry): EntryText => entry);
  return fc.oneof(named, numeric, numeric, listed, masked, stepped, stepped, stepped);
};

const interlock: fc.Arbitrary<InterlockText> = fc
  .tuple(
    fc.constantFrom<Omit<InterlockText, "maxAgeMs">>(
      { point: "boiler.door", equals: 1 },
      { point: "boiler.door", equals: false },
      { point: "boiler.flags.fan", equals: 0 },
      { point: "boiler.temperature", min: -10, max: 100 },
      { point: "boiler.mode", not: 1 },
      { point: "boiler.mode", values: [0, 1] },
    ),
    fc.constantFrom(2000, 9000),
  )
  .map(([condition, maxAgeMs]) => ({ ...condition, maxAgeMs }));

const when = optional(
  fc.record({
    transports: optional(fc.uniqueArray(transport, { minLength: 1, maxLength: 2 })),
    sources: optional(fc.constantFrom(["10.0.0.0/8"], ["10.1.0.0/16", "192.168.1.7"])),
    listeners: rarely(fc.constantFrom(["modbus+tls://0.0.0.0:802"], ["modbus+tls://0.0.0.0:802", "other"])),
    time: rarely(
      fc.record({
        hours: fc.constantFrom<string | string[]>(
          "06:00-22:00",
          "Mon-Fri 06:00-22:00",
          "22:00-06:00",
          "Fri-Mon 20:00-04:30",
          ["Sat-Sun 08:00-12:00", "Mon-Fri 00:00-23:00"],
        ),
        tz: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
      }),
    ),
    interlock: rarely(fc.oneof(interlock, fc.array(interlock, { minLength: 1, maxLength: 2 }))),
  }),
).map((conditions) => {
  if (conditions === undefined) return undefined;
  const { time, ...others } = conditions;
  return { ...others, ...time };
});

/** Whom a rule is about beside its roles: most rules are about roles alone. */
const traits = fc.oneof(
  { weight: 9, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.subarray(["a", "b"], { minLength: 1 }).map((ids) => ({ ids })) },
  { weight: 1, arbitrary: fc.subarray(["hall-1", "hall-2"], { minLength: 1 }).map((tags) => ({ tags })) },
  {
    weight: 1,
    arbitrary: fc.subarray<SubjectKind>(["client", "gateway"], { minLength: 1 }).map((kinds) => ({ kinds })),
  },
);
const mode = fc.constantFrom(...([...Array<undefined>(9).fill(undefined), "shadow"] as const));

const ruleTarget = fc.record({
  place: fc.oneof(
    fc.constant({}),
    fc.array(fc.oneof(fc.constant(0), rangeIn(1, 3)), { minLength: 1, maxLength: 2 }).map((units) => ({ units })),
    fc.constantFrom(["boiler"], ["zero", "boiler"], ["zero"]).map((named) => ({ devices: named })),
    fc.constant({ devices: ["boiler"], units: ["1-3"] }),
  ),
  roles: fc.oneof(fc.constant("*" as const), fc.subarray([...roles], { minLength: 1 })),
  traits,
  mode,
});

const permit = fc
  .tuple(
    ruleTarget,
    fc.array(
      fc.oneof(
        ...[functionsEntry(true), functionsEntry(false), readPoint, writePoint(true), writePoint(true)],
        ...[{ weight: 1, arbitrary: fc.oneof(filesEntry, fifoEntry) }],
      ),
      { minLength: 1, maxLength: 3 },
    ),
    when,
    fc.record({
      rate: rarely(fc.constant({ requests: 5, perSeconds: 1, burst: 10 })),
      approval: rarely(fc.constantFrom<ApprovalText>({ people: 2, ttl: "15m" }, { people: 1, ttl: "90s" })),
    }),
  )
  .map(
    ([{ roles: named, place, traits: who, mode: ruleMode }, allow, conditions, uses]): Omit<RuleText, "id"> => ({
      permit: { roles: named, ...who },
      mode: ruleMode,
      ...place,
      allow,
      when: conditions,
      ...uses,
    }),
  );
const forbid = fc
  .tuple(
    ruleTarget,
    fc.array(fc.oneof(functionsEntry(false), readPoint, writePoint(false), filesEntry), { minLength: 1, maxLength: 2 }),
    when,
  )
  .map(
    ([{ roles: named, place, traits: who, mode: ruleMode }, deny, conditions]): Omit<RuleText, "id"> => ({
      forbid: { roles: named, ...who },
      mode: ruleMode,
      ...place,
      deny,
      when: conditions,
    }),
  );

const time = fc.constantFrom(
  { hours: "Mon-Fri 06:00-22:00", tz: "Europe/Berlin" },
  { hours: "22:00-06:00", tz: "America/New_York" },
);

/** At most one condition, so that it decides. */
const oneCondition: fc.Arbitrary<Partial<RuleText>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: time.map((when) => ({ when })) },
  { weight: 2, arbitrary: interlock.map((one) => ({ when: { interlock: one } })) },
  { weight: 1, arbitrary: fc.constant({ rate: { requests: 5, perSeconds: 1, burst: 10 } }) },
  { weight: 1, arbitrary: fc.constant<Partial<RuleText>>({ approval: { people: 2, ttl: "15m" } }) },
  { weight: 1, arbitrary: fc.constant({ when: { sources: ["10.0.0.0/8"] } }) },
  { weight: 1, arbitrary: fc.constant({ when: { listeners: ["modbus+tls://0.0.0.0:802"] } }) },
  {
    weight: 2,
    arbitrary: fc.constant<Partial<RuleText>>({ when: { transports: ["tcp", "rtu", "tls"] } }),
  },
);
const oneLimit: fc.Arbitrary<EntryText> = fc.oneof(
  fc.constantFrom<EntryText>({}, { min: 1 }, { max: 300 }, { values: [0, 1, 2, 100] }),
  fc.constantFrom<EntryText>({ maxStep: 3 }, { maxStep: 200, maxAgeMs: 1000 }, { maxStep: 40000 }),
);
const steppedPoint = fc.record({
  write: fc.constantFrom("target", "offset", "inverse", "counter", "level", "percent"),
  maxStep: fc.constantFrom(10, 30, 100, 400),
  perSeconds: fc.constantFrom(undefined, 10, 60, 60),
});

/** Rules that are about much, so that much is permitted. */
const broad: fc.Arbitrary<Omit<RuleText, "id">> = fc
  .tuple(
    fc.oneof(
      fc.constant<readonly EntryText[]>([{ functions: [1, 2, 3, 4, 8, 20, 24, 43] }]),
      oneLimit.map((limits): readonly EntryText[] => [{ functions: [1, 3, 5, 6, 15, 16, 23], ...limits }]),
      fc.constantFrom<readonly EntryText[]>(
        [{ functions: [5, 6, 15, 16, 21, 22, 23, 65] }],
        [{ functions: [6, 16, 22], table: "holding", mask: 0xff }],
        [
          { functions: [20, 21], files: ["1-5"] },
          { functions: [24], addresses: ["0-9"] },
        ],
      ),
      fc.array(steppedPoint, { minLength: 1, maxLength: 4 }),
    ),
    oneCondition,
    mode,
  )
  .map(([allow, condition, ruleMode]) => ({ permit: { roles: "*" }, mode: ruleMode, allow, ...condition }));

export const arbitraryPolicy: fc.Arbitrary<PolicyFile> = fc
  .array(
    fc.oneof({ weight: 9, arbitrary: permit }, { weight: 9, arbitrary: broad }, { weight: 1, arbitrary: forbid }),
    { minLength: 3, maxLength: 12 },
  )
  .map((rules) => ({
    policy: 1,
    mode: "enforce",
    roles,
    rules: rules.map((rule, index) => ({ id: `rule-${index}`, ...rule })),
    tests: [],
  }));
