/** What a device's registers mean: device files, points, values to registers and back. */
export { builtinProfile, builtinProfileNames, builtinProfileText, isBuiltinProfile } from "./builtin.ts";
export { decodePoint, type PointReading } from "./decode.ts";
export { encodePoint } from "./encode.ts";
export { profileJsonSchema } from "./json-schema.ts";
export { brokenLimit, type RawLimits, rawLimits, rawValue } from "./limits.ts";
export {
  type Expectation,
  isBitTable,
  type Limits,
  type Point,
  type PointAccess,
  type PointValue,
  type ReadRegister,
  type Table,
} from "./point.ts";
export type {
  Behaviour,
  Block,
  Device,
  Golden,
  Identification,
  LinkHints,
  Profile,
  Rule,
  Source,
} from "./profile.ts";
export { readProfile } from "./read.ts";
