import { ending } from "../ending.ts";
import { drive, isTransaction, rawPercent, type ScenarioContext, verdictOf } from "./context.ts";
import type { Step } from "./step.ts";

const FORTY = rawPercent(40);
const NINETY = rawPercent(90);

export const permittedAndRefused: readonly Step[] = [
  {
    id: 4,
    name: "Operator reads: permitted",
    async run(context, seen) {
      const since = await context.size();
      const client = await context.secure(context.identity("operator-1"));
      seen.same(
        "reading",
        "answered",
        await ending(client.readHoldingRegisters(drive.frequency, 1, { unit: drive.unit })),
      );
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "operator-1", 3));
      seen.same("log", "permitted", verdictOf(record));
    },
  },
  {
    id: 5,
    name: "Operator sets the setpoint to 40: permitted, and the drive's frequency moves to it",
    async run(context, seen) {
      const since = await context.size();
      const client = await context.secure(context.identity("operator-1"));
      seen.same("write", "answered", await ending(client.writeRegister(drive.setpoint, FORTY, { unit: drive.unit })));
      seen.same("setpoint in the device", FORTY, await context.device(drive.unit, drive.setpoint));
      seen.same("frequency in the device", "20 Hz", await settledFrequency(context, 20));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "operator-1", 6));
      seen.same("log", "permitted", verdictOf(record));
    },
  },
  {
    id: 6,
    name: "Operator sets the setpoint to 90: exception 01, device unchanged",
    async run(context, seen) {
      const since = await context.size();
      const client = await context.secure(context.identity("operator-1"));
      seen.same(
        "write",
        "exception 1",
        await ending(client.writeRegister(drive.setpoint, NINETY, { unit: drive.unit })),
      );
      seen.same("setpoint in the device", FORTY, await context.device(drive.unit, drive.setpoint));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "operator-1", 6));
      seen.same("log", "max", verdictOf(record));
    },
  },
  {
    id: 7,
    name: "Viewer writes: exception 01",
    async run(context, seen) {
      const identity = await context.enrol("viewer-1", ["Viewer"]);
      const since = await context.size();
      const client = await context.secure(identity);
      seen.same(
        "write",
        "exception 1",
        await ending(client.writeRegister(drive.setpoint, rawPercent(10), { unit: drive.unit })),
      );
      seen.same("setpoint in the device", FORTY, await context.device(drive.unit, drive.setpoint));
      const record = await context.recorded(since, (candidate) => isTransaction(candidate, "viewer-1", 6));
      seen.same("log", "no-permit", verdictOf(record));
    },
  },
];

/** Waits until the drive turns at about `hertz`; what it says in the end otherwise. */
async function settledFrequency(context: ScenarioContext, hertz: number): Promise<string> {
  let last = Number.NaN;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    last = (await context.device(drive.unit, drive.frequency)) / 10;
    if (Math.abs(last - hertz) <= 0.2) return `${hertz} Hz`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return `${last} Hz`;
}
