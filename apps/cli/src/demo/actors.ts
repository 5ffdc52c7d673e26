import { existsSync } from "node:fs";
import { join } from "node:path";
import { enrolInto, loadIdentity } from "@modwarden/identity";
import { type Client, connect } from "@modwarden/modbus";
import type { DemoSite } from "./demo-site.ts";
import { ending } from "./ending.ts";
import { openPlain } from "./wire.ts";

const POLL_MS = 1_000;
/** The operator nudges the setpoint every so many polls, and the stranger tries something. */
const NUDGE_EVERY = 7;
const TRY_EVERY = 3;

/** Registers of the drive. Danfoss FC 51: parameter number × 10 − 1 */
const SETPOINT = 50_009;
const setpoints = [25, 40, 60, 35].map((percent) => Math.round(percent / 0.0061035));

interface Read {
  readonly table: "coil" | "discrete" | "holding" | "input";
  readonly address: number;
  readonly count: number;
}

/** What the operator reads of one device: every second, and two at a time in turn. */
interface Plan {
  readonly unit: number;
  readonly always: readonly Read[];
  readonly inTurn: readonly Read[];
}

/** What moves, by the address where its block or point begins. */
const moving: ReadonlySet<string> = new Set([
  "meter input 0",
  "inverter holding 40000",
  "drive holding 16129",
  `drive holding ${SETPOINT}`,
  "battery input 13019",
]);

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
  for (const { unit, always, inTurn } of plansOf(demo)) {
    const next = [2 * round, 2 * round + 1].flatMap((turn) => inTurn[turn % Math.max(inTurn.length, 1)] ?? []);
    for (const read of [...always, ...next]) await perform(operator, unit, read);
  }
  if (round % NUDGE_EVERY === 0) {
    const next = setpoints[(round / NUDGE_EVERY) % setpoints.length] ?? 0;
    await operator.writeRegister(SETPOINT, next, { unit: 3 });
  }
  if (round % TRY_EVERY === 0) await attempts[(round / TRY_EVERY) % attempts.length]?.(demo, operator, viewer);
}

/** Blocks where a device has them; the drive takes no block reads, so point by point. */
function plansOf(demo: DemoSite): readonly Plan[] {
  return demo.site.devices.map(({ id, unit }) => {
    const profile = demo.site.profiles.get(id);
    const all: readonly Read[] = id === "drive" ? (profile?.points ?? []) : (profile?.blocks ?? []);
    const always = all.filter(({ table, address }) => moving.has(`${id} ${table} ${address}`));
    return { unit, always, inTurn: all.filter((read) => !always.includes(read)) };
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
