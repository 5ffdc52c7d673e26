import { type Profile, readProfile } from "@modwarden/profile";
import { compilePolicy, type Policy, type PolicyDevice, type PolicyDocument, readPolicy } from "../index.ts";

/** A small device with a point of every kind that limits and partial writes tell apart. */
const boilerText = `
profile: 1
device: { vendor: Test, model: Boiler, kind: boiler }
blocks:
  - { table: holding, address: 0, count: 40, access: rw }
  - { table: input, address: 0, count: 10 }
  - { table: coil, address: 0, count: 10, access: rw }
  - { table: discrete, address: 0, count: 10 }
points:
  - { id: mode, table: holding, address: 0, type: u16, access: rw, enum: { 0: off, 1: heat }, labels: [command] }
  - { id: target, table: holding, address: 1, type: u16, scale: 0.1, unit: "°C", access: rw, labels: [setpoint] }
  - { id: offset, table: holding, address: 2, type: s16, scale: 0.5, access: rw, labels: [setpoint] }
  - { id: inverse, table: holding, address: 3, type: s16, scale: -0.5, access: rw }
  - { id: counter, table: holding, address: 4, type: u32, order: CDAB, access: rw }
  - { id: level, table: holding, address: 6, type: f32, access: rw, labels: [setpoint] }
  - { id: energy, table: holding, address: 8, type: u64, access: rw }
  - { id: balance, table: holding, address: 12, type: s32, scale: 0.01, access: rw }
  - { id: title, table: holding, address: 14, type: string, count: 4, access: rw }
  - { id: flags, table: holding, address: 18, type: u16, access: rw, bits: { 0: pump, 1: fan } }
  - { id: swapped, table: holding, address: 19, type: u16, order: BADC, access: rw }
  - { id: exponent, table: holding, address: 20, type: scaleFactor, access: rw }
  - { id: power, table: holding, address: 21, type: s16, scale: { point: exponent }, access: rw }
  - { id: enabled, table: holding, address: 22, type: bool, access: rw }
  - { id: percent, table: holding, address: 23, type: u16, scale: 0.0061035, unit: "%", access: rw }
  - { id: flow, table: holding, address: 24, type: f32, scale: 0.1, access: rw }
  - { id: digits, table: holding, address: 26, type: bcd, access: rw }
  - { id: pump, table: coil, address: 0, access: rw, labels: [command] }
  - { id: lamp, table: coil, address: 1, access: rw }
  - { id: door, table: discrete, address: 0, labels: [command] }
  - { id: temperature, table: input, address: 0, type: s16, scale: 0.1, labels: [measurement] }
`;

export const boiler: Profile = readProfile(boilerText, "boiler.yaml");

/** A boiler, a thing without a profile, and one that claims the address 0 as its own. */
export const devices: readonly PolicyDevice[] = [
  { id: "boiler", unit: 1, profile: boiler },
  { id: "plain", unit: 2 },
  { id: "zero", unit: 0, profile: boiler },
];

export function policyOf(text: string): { readonly document: PolicyDocument; readonly policy: Policy } {
  const document = readPolicy(text, "policy.yaml");
  return { document, policy: compilePolicy(document, devices) };
}
