import { join } from "node:path";
import { readRecords } from "@modwarden/audit";
import { enrolInto, type LoadedIdentity, loadIdentity } from "@modwarden/identity";
import { type Client, connect } from "@modwarden/modbus";
import type { DemoSite } from "../demo-site.ts";

/** One line of the log, as JSON. */
export interface LogRecord {
  readonly seq: number;
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Registers of the drive. Danfoss FC 51: parameter number × 10 − 1 */
export const drive = { unit: 3, setpoint: 50_009, frequency: 16_129 } as const;
/** `setpoint` counts in 0.0061035 %. */
export const rawPercent = (percent: number): number => Math.round(percent / 0.0061035);

/** What the steps share: the site, clients with identities, and eyes on the device and the log. */
export class ScenarioContext {
  readonly demo: DemoSite;
  readonly #clients: Client[] = [];
  #plant: Client | undefined;

  constructor(demo: DemoSite) {
    this.demo = demo;
  }

  /** A key of the site, as `modwarden key create` makes it. */
  async key(
    parameters: Record<string, unknown>,
  ): Promise<{ readonly id: string; readonly key: string; readonly pin: string }> {
    return (await this.demo.running.command("key.create", { kind: "client", ...parameters })) as {
      readonly id: string;
      readonly key: string;
      readonly pin: string;
    };
  }

  /** Enrols over HTTPS, as `modwarden enrol` does, and stores the identity. */
  async enrol(name: string, roles: readonly string[]): Promise<LoadedIdentity> {
    const { key, pin } = await this.key({ roles });
    const dir = join(this.demo.identities, name);
    await enrolInto(dir, { url: this.demo.enrolmentUrl, key, pin, name });
    return loadIdentity(dir);
  }

  identity(name: string): LoadedIdentity {
    return loadIdentity(join(this.demo.identities, name));
  }

  /** A client of the TLS listener. */
  async secure(identity: LoadedIdentity): Promise<Client> {
    return this.#keep(
      await connect(this.demo.secureUrl, { tls: { key: identity.key, cert: identity.cert, ca: identity.ca } }),
    );
  }

  /** A client of the plain listener, from the registered address. */
  async plain(): Promise<Client> {
    return this.#keep(await connect(this.demo.plainUrl));
  }

  /** What the device itself says, past the gateway. */
  async device(unit: number, address: number): Promise<number> {
    this.#plant ??= this.#keep(await connect(this.demo.plantUrl));
    const registers = await this.#plant.readHoldingRegisters(address, 1, { unit });
    return registers[0] ?? Number.NaN;
  }

  async deviceInputs(unit: number, address: number, quantity: number): Promise<string> {
    this.#plant ??= this.#keep(await connect(this.demo.plantUrl));
    return Array.from(await this.#plant.readInputRegisters(address, quantity, { unit })).join(" ");
  }

  /** Everything that is on record now, under a checkpoint. */
  async log(): Promise<readonly LogRecord[]> {
    await this.demo.running.checkpoint();
    return [...readRecords(join(this.demo.site.data, "audit"))] as readonly unknown[] as readonly LogRecord[];
  }

  /** The newest record from `since` on that `matches`, waited for: the log is written by another thread. */
  async recorded(since: number, matches: (record: LogRecord) => boolean): Promise<LogRecord | undefined> {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const found = (await this.log()).findLast((record) => record.seq >= since && matches(record));
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  }

  async size(): Promise<number> {
    return (await this.log()).length;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.close();
  }

  #keep(client: Client): Client {
    this.#clients.push(client);
    return client;
  }
}

/** Is it a transaction of `id` with this function, and what became of it: the rule's reason, or "permitted". */
export function verdictOf(record: LogRecord | undefined): string {
  if (record === undefined) return "nothing";
  const decision = record["decision"] as { readonly permit: boolean; readonly because?: string } | undefined;
  return decision === undefined ? record.kind : decision.permit ? "permitted" : (decision.because ?? "refused");
}

export function isTransaction(record: LogRecord, subject: string | null, functionCode: number): boolean {
  const about = record["subject"] as { readonly id?: unknown } | undefined;
  const operation = record["operation"] as { readonly function?: unknown } | undefined;
  return record.kind === "transaction" && about?.id === subject && operation?.function === functionCode;
}

/** A finding on its own (no transaction): its rule. */
export function findingOf(record: LogRecord): string | undefined {
  if (record.kind !== "finding") return undefined;
  const finding = record["finding"] as { readonly rule?: unknown } | undefined;
  return typeof finding?.rule === "string" ? finding.rule : undefined;
}
