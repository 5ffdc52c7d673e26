import { expect, test } from "vitest";
import {
  ApprovalShape,
  DeviceShape,
  IdentitiesShape,
  KeysShape,
  PolicyShape,
  RefusalShape,
  StatusShape,
  TransactionShape,
} from "./schemas.ts";
import { sampleApprovals } from "./testing/sample-approvals.ts";
import { samplePolicy } from "./testing/sample-policy.ts";
import { sampleRegistry } from "./testing/sample-registry.ts";
import { SampleSite } from "./testing/sample-site.ts";

test("what a site says has the shapes that the API promises, and nothing more", () => {
  const site = new SampleSite();
  site.run(48);
  expect(StatusShape.parse(site.status())).toEqual(site.status());
  for (const device of site.devices()) expect(DeviceShape.parse(device)).toEqual(device);
  const transactions = site.transactions(1000);
  expect(transactions).toHaveLength(48);
  for (const transaction of transactions) expect(TransactionShape.parse(transaction)).toEqual(transaction);
});

test("a missing value is null, never left out", () => {
  const [device] = new SampleSite().devices();
  const { value: _, ...point } = device?.points[0] ?? {};
  expect(DeviceShape.safeParse({ ...device, points: [point] }).success).toBe(false);
});

test("the registry has the shapes that the API promises", async () => {
  const [identities, keys] = [await sampleRegistry.identities(), await sampleRegistry.keys()];
  expect(IdentitiesShape.parse(identities)).toEqual(identities);
  expect(KeysShape.parse(keys)).toEqual(keys);
  for (const refusal of await sampleRegistry.refusals(1000)) expect(RefusalShape.parse(refusal)).toEqual(refusal);
});

test("approvals have the shape that the API promises", () => {
  for (const approval of sampleApprovals) expect(ApprovalShape.parse(approval)).toEqual(approval);
});

test("the policy has the shape that the API promises", () => {
  expect(PolicyShape.parse(samplePolicy.current())).toEqual(samplePolicy.current());
});
