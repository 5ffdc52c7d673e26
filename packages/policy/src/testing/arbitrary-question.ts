import { accessesOf, type Transport } from "@modwarden/access";
import { functionCodeOf, type Request, subfunctionOf } from "@modwarden/protocol";
import fc from "fast-check";
import type { Question } from "../index.ts";
import { boiler, devices } from "./site.ts";

/** Small worlds, so that rules and questions often meet. */
const word = fc.oneof(fc.constantFrom(0, 1, 2, 3, 100, 256, 32768, 65535), fc.integer({ min: 0, max: 65535 }));
const address = fc.integer({ min: 0, max: 27 });
const bitAddress = fc.integer({ min: 0, max: 3 });
const transport = fc.constantFrom<Transport>("tls", "tls", "tcp", "rtu");
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
  { weight: 5, arbitrary: wholePoint },
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
  fc.constantFrom<Request>(
    { kind: "read-device-identification", readDeviceIdCode: 1, objectId: 0 },
    { kind: "diagnostics", subFunction: 0, data: new Uint8Array(2) },
    { kind: "diagnostics", subFunction: 1, data: new Uint8Array(2) },
    { kind: "user-defined", functionCode: 65, data: new Uint8Array(0) },
  ),
);

export const arbitraryQuestion: fc.Arbitrary<Question> = fc
  .record({
    request,
    at: fc.constantFrom(
      ...([
        ["boiler", 1],
        ["boiler", 1],
        ["boiler", 1],
        ["boiler", 1],
        ["boiler", 1],
      ] as const),
      ...([
        ["zero", 0],
        ["plain", 2],
        ["boiler", 0],
        [null, 3],
        [null, 0],
      ] as const),
    ),
    who: fc.constantFrom(
      ...([
        ["a", "Operator"],
        ["a", "Operator"],
        ["a", "Operator"],
        ["a", "Operator"],
        ["a", "Viewer"],
      ] as const),
      ...([
        ["a", "Viewer"],
        ["a", "Other"],
        ["a", null],
        [null, "Operator"],
      ] as const),
    ),
    transport,
    source: fc.constantFrom(undefined, "10.1.2.3:5000", "10.9.9.9", "192.168.1.7:1", "172.16.0.1:2"),
    hidesSubfunction: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  })
  .map(({ request: asked, at: [device, unit], who: [subject, role], source, hidesSubfunction, ...rest }) => {
    const profile = devices.find(({ id }) => id === device)?.profile;
    const subfunction = hidesSubfunction ? undefined : subfunctionOf(asked);
    return {
      ...{ subject, role, unit, device, transport: rest.transport },
      ...(source === undefined ? {} : { source }),
      functionCode: functionCodeOf(asked),
      ...(subfunction === undefined ? {} : { subfunction }),
      accesses: accessesOf(asked, profile === undefined ? { device, unit } : { device, unit, profile }),
    };
  });
