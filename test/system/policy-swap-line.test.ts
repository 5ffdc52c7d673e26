/** The same swaps at the line alone: as fast as a line can be given another policy, whatever disk and log take. */
import { connect } from "@modwarden/modbus";
import { expect, it } from "vitest";
import { startRig } from "../../packages/gateway/src/testing/rig.ts";
import { areas, CLIENTS, checkAnswers, type Name, policyOf, swapUnderLoad } from "./swapping.ts";

it("is given another policy a hundred times a second, and decides every request by one of the two", async (context) => {
  const rig = await startRig({ role: "Operator", policy: policyOf("b") });
  context.onTestFinished(() => rig.stop());
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      connect(`modbus+tcp://127.0.0.1:${rig.port}`, { unit: 1, timeoutMs: 20_000 }),
    ),
  );
  context.onTestFinished(async () => {
    for (const client of clients) await client.close();
  });
  const hashes: Record<Name, string> = { a: "", b: rig.line.policy.hash };
  let epoch = 1;
  const swapped = await swapUnderLoad(clients, (to) => {
    epoch += 1;
    rig.line.enforce({ text: policyOf(to), file: `${to}.yaml` }, epoch);
    hashes[to] ||= rig.line.policy.hash;
    expect(rig.line.policy.hash).toBe(hashes[to]);
  });
  const reached = rig.reached.map((request) => {
    if (request.kind !== "write-single-register") throw new Error(`${request.kind} has reached the device`);
    return `${request.address} ${request.value}`;
  });
  checkAnswers(swapped, new Set(reached));
  await expect
    .poll(() => rig.records.filter(({ kind, decision }) => kind === "transaction" && permits(decision)).length)
    .toBe(reached.length);
  for (const { kind, decision, accesses } of rig.records) {
    if (kind !== "transaction") continue;
    const { policy } = decision as { readonly policy: string };
    expect([hashes.a, hashes.b]).toContain(policy);
    const [access] = accesses as readonly { readonly address: number }[];
    if (permits(decision) && access !== undefined) expect(policy).toBe(access.address < areas.b ? hashes.a : hashes.b);
  }
}, 300_000);

function permits(decision: unknown): boolean {
  return (decision as { readonly permit: boolean }).permit;
}
