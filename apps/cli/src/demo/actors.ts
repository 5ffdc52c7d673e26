import { existsSync } from "node:fs";
import { join } from "node:path";
import { enrolInto, loadIdentity } from "@modwarden/identity";
import { type Client, connect } from "@modwarden/modbus";
import type { DemoSite } from "./demo-site.ts";
import { ending } from "./ending.ts";
import { openPlain } from "./wire.ts";

const POLL_MS = 1_000;
/** The operator nudges the setpoint every so many polls, and the stranger tries something. */
const NUDGE_EVERY = 8;
const TRY_EVERY = 5;

/** Registers of the drive. Danfoss FC 51: parameter number × 10 − 1 */
const SETPOINT = 50_009;
const setpoints = [25, 40, 60, 35].map((percent) => Math.round(percent / 0.0061035));

interface Read {
  readonly table: "coil" | "discrete" | "holding" | "input";
  readonly address: number;
  readonly count: number;
}

/** Reads of each device that are done every second. */
const FAST_READS = 6;
const SLOW_EVERY = 5;

/** The drive takes no block reads: frequency, current, power, setpoint, control and status word, one by one. */
const drivePoints: readonly Read[] = [
  16_129,
  16_139,
  16_099,
  SETPOINT,
  49_999,
  50_199,
  16_119,
  16_299,
  16_339,
  16_179,
].map((address) => ({ table: "holding", address, count: 1 }));

/** What the console has to show: an operator at work and a stranger at the door, until they are stopped. */
export interface Actors {
  stop(): Promise<void>;
}

export async function startActors(demo: DemoSite, onNotice: (text: string) => void): Promise<Actors> {
  const operator = await operatorClient(demo);
  const viewer = await connect(demo.plainUrl);
  let round = 0;
  let busy: Promise<void> = Promise.resolve();
  let running = false;
  let noticed = "";
  const timer = setInterval(() => {
    // A round that takes longer than a second is not overtaken by the next.
    if (running) return;
    running = true;
    round += 1;
    busy = act(demo, operator, viewer, round)
      .catch((error: unknown) => {
        const notice = `a client of the demo: ${error instanceof Error ? error.message : String(error)}`;
        // Whoever revokes the operator to see what happens is told once, not every second.
        if (notice !== noticed) onNotice(notice);
        noticed = notice;
      })
      .finally(() => {
        running = false;
      });
  }, POLL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await busy;
      await operator.close();
      await viewer.close();
    },
  };
}

async function operatorClient(demo: DemoSite): Promise<Client> {
  const dir = join(demo.identities, "operator-1");
  if (!existsSync(dir)) {
    const created = (await demo.running.command("key.create", { kind: "client", roles: ["Operator"] })) as {
      readonly key: string;
      readonly pin: string;
    };
    await enrolInto(dir, { url: demo.enrolmentUrl, key: created.key, pin: created.pin, name: "operator-1" });
  }
  const { key, cert, ca } = loadIdentity(dir);
  return connect(demo.secureUrl, { tls: { key, cert, ca } });
}

async function act(demo: DemoSite, operator: Client, viewer: Client, round: number): Promise<void> {
  for (const [device, reads] of plansOf(demo)) {
    // What moves is read every second, the rest now and then, a few reads at a time.
    const slow = reads.filter((_, index) => index >= FAST_READS && (index + round) % SLOW_EVERY === 0);
    for (const read of [...reads.slice(0, FAST_READS), ...slow]) await perform(operator, device, read);
  }
  if (round % NUDGE_EVERY === 0) {
    const next = setpoints[(round / NUDGE_EVERY) % setpoints.length] ?? 0;
    await operator.writeRegister(SETPOINT, next, { unit: 3 });
  }
  if (round % TRY_EVERY === 0) await attempts[(round / TRY_EVERY) % attempts.length]?.(demo, operator, viewer);
}

/** Everything the console shows: the devices' blocks, or point by point where a device takes no block reads. */
function plansOf(demo: DemoSite): readonly (readonly [unit: number, reads: readonly Read[]])[] {
  return demo.site.devices.map(({ id, unit }) => {
    const profile = demo.site.profiles.get(id);
    const blocks = id === "drive" ? drivePoints : (profile?.blocks ?? []);
    return [unit, blocks.map(({ table, address, count }) => ({ table, address, count }))];
  });
}

function perform(client: Client, unit: number, { table, address, count }: Read): Promise<unknown> {
  return table === "input"
    ? client.readInputRegisters(address, count, { unit })
    : client.readHoldingRegisters(address, count, { unit });
}

type Attempt = (demo: DemoSite, operator: Client, viewer: Client) => Promise<void>;

/** Refusals are what these are for: only a refusal that does not come would be news. */
const attempts: readonly Attempt[] = [
  (_demo, _operator, viewer) => refused(viewer.writeRegister(SETPOINT, 16_000, { unit: 3 })),
  (_demo, operator) => refused(operator.writeRegister(SETPOINT, Math.round(90 / 0.0061035), { unit: 3 })),
  async (demo) => {
    const socket = await openPlain(demo.ports.plain, "127.0.0.2");
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("close", resolve));
  },
  (_demo, operator) => refused(operator.writeRegister(49_999, 0, { unit: 3 })),
  (_demo, _operator, viewer) => refused(viewer.readHoldingRegisters(0, 1, { unit: 77 })),
];

async function refused(attempt: Promise<unknown>): Promise<void> {
  const ended = await ending(attempt);
  if (!ended.startsWith("exception")) throw new Error(`the gateway had to refuse it, and it was ${ended}`);
}
