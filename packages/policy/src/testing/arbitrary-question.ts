import { accessesOf, type Transport } from "@modwarden/access";
import { functionCodeOf, type Request, subfunctionOf } from "@modwarden/protocol";
import fc from "fast-check";
import type { SubjectKind } from "../index.ts";
import { type KnownPlant, momentOf } from "./moment.ts";
import type { PlainQuestion } from "./naive.ts";
import { boiler, devices } from "./site.ts";

/** Small worlds, so that rules and questions often meet. */
const word = fc.oneof(fc.constantFrom(0, 1, 2, 3, 100, 256, 32768, 65535), fc.integer({ min: 0, max: 65535 }));
const address = fc.integer({ min: 0, max: 27 });
const bitAddress = fc.integer({ min: 0, max: 3 });
const transport = fc.constantFrom<Transport>("tls", "tls", "tls", "tls", "tcp", "rtu");
const quantity = fc.integer({ min: 1, max: 6 });
const words = fc.array(word, { minLength: 1, maxLength: 6 }).map((values) => Uint16Array.from(values));

/** A write of one whole point, as most writes are. */
const wholePoint = fc.constantFrom(...boiler.points.filter(({ table }) => table === "holding")).chain((point) =>
  fc.array(word, { minLength: point.count, maxLength: point.count }).map(
    (values): Request => ({
      kind: "write-multiple-registers",
      address: point.address,
      values: Uint16Array.from(values),
    }),
  ),
);
const mask = fc.oneof(
  word,
  word.map((bits) => 65535 - bits),
);

const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("read-coils", "read-discrete-inputs", "read-holding-registers", "read-input-registers"),
      address,
      quantity,
    }),
  },
  fc.record({ kind: fc.constant("write-single-coil" as const), address: bitAddress, value: fc.boolean() }),
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("write-single-register" as const), address, value: word }),
  },
  fc.record({
    kind: fc.constant("write-multiple-coils" as const),
    address: bitAddress,
    coils: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("write-multiple-registers" as const), address, values: words }),
  },
  { weight: 14, arbitrary: wholePoint },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("mask-write-register" as const), address, andMask: mask, orMask: word }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("read-write-multiple-registers" as const),
      readAddress: address,
      readQuantity: quantity,
      writeAddress: address,
      values: words,
    }),
  },
  fc.record({
    kind: fc.constant("read-file-record" as const),
    records: fc.array(
      fc.record({
        file: fc.integer({ min: 1, max: 9 }),
        record: fc.integer({ min: 0, max: 14 }),
        length: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({
    kind: fc.constant("write-file-record" as const),
    records: fc.array(
      fc.record({ file: fc.integer({ min: 1, max: 9 }), record: fc.integer({ min: 0, max: 14 }), values: words }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({ kind: fc.constant("read-fifo-queue" as const), address }),
  fc.constantFrom<Request>(
    { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 },
    { kind: "diagnostics", subFunction: 0, data: new Uint8Array(2) },
    { kind: "diagnostics", subFunction: 1, data: new Uint8Array(2) },
    { kind: "user-defined", functionCode: 65, data: new Uint8Array(0) },
  ),
);

const ageMs = fc.constantFrom(...Array<number>(24).fill(0), 500, 1500, 4000, 8000);

/** How far a point moved before. */
const span = fc.constantFrom(0, 50, 200, 5000);

/** What is known of the boiler: near to what is written, or a step has nothing to judge. */
const plant: fc.Arbitrary<KnownPlant> = fc
  .record({
    holding: fc.array(fc.record({ value: word, ageMs, isKnown: fc.integer({ min: 0, max: 19 }) }), {
      minLength: 27,
      maxLength: 27,
    }),
    door: fc.record({ value: fc.constantFrom(0, 1), ageMs }),
    temperature: fc.record({ value: fc.constantFrom(200, 300, 2000, 65000), ageMs }),
    moved: fc.option(fc.tuple(span, span), { nil: undefined, freq: 9 }),
    empty: fc.subarray(["rule-0", "rule-1", "rule-2"]),
    approved: fc.subarray(["rule-0", "rule-1", "rule-2", "rule-3", "rule-4", "rule-5"]),
  })
  .map(({ holding, door, temperature, moved, empty, approved }) => ({
    registers: Object.fromEntries([
      ...holding.flatMap(({ value, ageMs: age, isKnown }, at) =>
        isKnown === 0 ? [] : [[`boiler holding ${at}`, { value, ageMs: age }] as const],
      ),
      ["boiler discrete 0", door] as const,
      ["boiler input 0", temperature] as const,
    ]),
    ...(moved === undefined
      ? {}
      : {
          extremes: Object.fromEntries(
            [1, 2, 3, 4, 6, 12, 23].map((at) => {
              const { value } = holding[at]!;
              return [`boiler holding ${at}`, { least: value - moved[0], most: value + moved[1] }];
            }),
          ),
        }),
    empty,
    approved,
  }));

export const arbitraryQuestion: fc.Arbitrary<PlainQuestion> = fc
  .record({
    request,
    at: fc.constantFrom(
      ...([...Array<readonly ["boiler", 1]>(12).fill(["boiler", 1])] as const),
      ...([
        ["zero", 0],
        ["plain", 2],
        ["boiler", 0],
        [null, 3],
        [null, 0],
      ] as const),
    ),
    who: fc.constantFrom(
      ...([...Array<readonly ["a", "Operator"]>(12).fill(["a", "Operator"]), ["a", "Viewer"]] as const),
      ...([
        ["b", "Viewer"],
        ["b", "Operator"],
        ["a", "Other"],
        ["a", null],
        [null, "Operator"],
      ] as const),
    ),
    transport,
    source: fc.constantFrom(undefined, "10.1.2.3:5000", "10.9.9.9", "192.168.1.7:1", "172.16.0.1:2"),
    kind: fc.constantFrom<SubjectKind>("client", "client", "gateway"),
    tags: fc.constantFrom<readonly string[]>([], ["hall-1"], ["hall-2", "old"]),
    listener: fc.constantFrom(undefined, "modbus+tls://0.0.0.0:802", "modbus+tls://0.0.0.0:802"),
    atMs: fc.option(fc.integer({ min: 1_774_000_000_000, max: 1_777_000_000_000 }), { nil: undefined, freq: 9 }),
    moment: fc.option(plant.map(momentOf), { nil: undefined, freq: 9 }),
    hidesSubfunction: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  })
  .map(({ request: asked, at: [device, unit], who: [subject, role], source, hidesSubfunction, ...rest }) => {
    const profile = devices.find(({ id }) => id === device)?.profile;
    const subfunction = hidesSubfunction ? undefined : subfunctionOf(asked);
    return {
      ...{ subject, role, unit, device, transport: rest.transport },
      ...(source === undefined ? {} : { source }),
      ...(subject === null ? {} : { kind: rest.kind, tags: rest.tags }),
      ...(rest.listener === undefined ? {} : { listener: rest.listener }),
      ...(rest.atMs === undefined ? {} : { atMs: rest.atMs }),
      ...(rest.moment === undefined ? {} : { moment: rest.moment }),
      functionCode: functionCodeOf(asked),
      ...(subfunction === undefined ? {} : { subfunction }),
      accesses: accessesOf(asked, profile === undefined ? { device, unit } : { device, unit, profile }),
    };
  });
