import { createServer, type Server, type Socket } from "node:net";
import type { Location } from "@modwarden/access";
import { type ConformanceRule, conformanceFinding } from "@modwarden/detect";
import { fingerprintOf } from "@modwarden/identity";
import type { Bus } from "./bus.ts";
import type { ListenerConfiguration, TlsConfiguration } from "./configuration.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { ListenError } from "./error.ts";
import type { LineContext, Presented } from "./line-context.ts";
import { Session } from "./session.ts";
import { createSourceTable, unmapped } from "./sources.ts";
import type { Speaker, Standing } from "./subjects.ts";
import { createTlsDoor, type TlsDoor } from "./tls-door.ts";

/** After this long without a byte the kernel asks whether the client is still there. */
const KEEP_ALIVE_MS = 30_000;

/** A connection that was accepted, from then until it is closed. */
interface Arrival {
  readonly host: string;
  readonly location: Location;
}

/** Where clients arrive: accepts, bounds, finds out who speaks, and hands the connection to a session. */
export class Listener {
  readonly configuration: ListenerConfiguration;
  readonly #context: LineContext;
  readonly #routes: ReadonlyMap<number, Bus>;
  readonly #admit: (session: Session) => void;
  readonly #presented: (presented: Presented) => void;
  readonly #server: Server;
  readonly #limits: ConnectionLimits;
  /** A failed handshake is reported after its connection has gone. */
  readonly #arrivals = new WeakMap<Socket, Arrival>();
  readonly #atTheDoor = new Set<Socket>();
  readonly #welcome: (socket: Socket, arrival: Arrival) => void;
  #door: TlsDoor | undefined;
  #closed = false;
  connections = 0;

  constructor(parts: {
    readonly configuration: ListenerConfiguration;
    readonly tls: TlsConfiguration | undefined;
    readonly context: LineContext;
    /** Shared by all listeners of the line. */
    readonly limits: ConnectionLimits;
    readonly routes: ReadonlyMap<number, Bus>;
    readonly admit: (session: Session) => void;
    /** Somebody has shown a certificate that awaits its confirmation. */
    readonly presented: (presented: Presented) => void;
  }) {
    this.configuration = parts.configuration;
    this.#context = parts.context;
    this.#routes = parts.routes;
    this.#admit = parts.admit;
    this.#presented = parts.presented;
    this.#limits = parts.limits;
    this.#welcome = parts.configuration.transport === "tls" ? this.#tlsWelcome(parts.tls) : this.#plainWelcome();
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, allowHalfOpen: true },
      (socket) => this.#accept(socket),
    );
  }

  /** Starts to listen; resolves with the URL, its port as it really is. Error: ERR_LINE_LISTEN */
  async open(): Promise<string> {
    const { host, port, transport, url } = this.configuration;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => reject(new ListenError(url, error)));
      this.#server.listen({ host, port }, () => {
        this.#server.removeAllListeners("error");
        // A connection that cannot be accepted (no file descriptor is free) is no reason to stop.
        this.#server.on("error", () => {
          this.#context.counters.acceptErrors += 1;
        });
        resolve();
      });
    });
    const address = this.#server.address();
    const actual = address !== null && typeof address === "object" ? address.port : port;
    return `modbus+${transport}://${bracketed(host)}:${actual}`;
  }

  /** New connections get the new certificate; open ones keep what they have. */
  renew(tls: TlsConfiguration): void {
    this.#door?.renew(tls);
  }

  /** Stops accepting; open sessions are the line's to close, whoever is still at the door is turned away. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#atTheDoor) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const host = unmapped(socket.remoteAddress ?? "");
    // Who has gone already leaves no address and nothing to note.
    if (host === "") {
      socket.destroy();
      return;
    }
    const { site, gateway, zone } = this.#context.configuration;
    const source = `${bracketed(host)}:${socket.remotePort ?? 0}`;
    const location = { site, gateway, ...(zone === undefined ? {} : { zone }), source };
    const shaking = this.configuration.transport === "tls";
    const limit = this.#limits.enter(host, shaking);
    if (limit !== undefined) {
      this.#context.counters.refusedConnections += 1;
      this.#notice("connection-limit", limit, { location });
      socket.destroy();
      return;
    }
    this.#context.counters.connections += 1;
    this.connections += 1;
    const arrival = { host, location };
    this.#arrivals.set(socket, arrival);
    if (shaking) this.#atTheDoor.add(socket);
    socket.once("close", () => {
      this.#shaken(socket);
      this.connections -= 1;
      this.#limits.leave(host);
    });
    this.#welcome(socket, arrival);
  }

  #plainWelcome(): (socket: Socket, arrival: Arrival) => void {
    const sources = createSourceTable(this.configuration.sources);
    return (socket, arrival) => {
      const { host, location } = arrival;
      const mapped = sources.subjectOf(host);
      if (mapped === undefined) {
        this.#context.counters.closedSources += 1;
        this.#notice("unknown-source", "the address is not registered on this listener", { location });
        socket.destroy();
        return;
      }
      this.#start(socket, arrival, {
        key: mapped,
        standing: () => this.#context.subjects.ofSource(mapped, host),
      });
    };
  }

  #tlsWelcome(tls: TlsConfiguration | undefined): (socket: Socket, arrival: Arrival) => void {
    if (tls === undefined) throw new Error("a TLS listener needs a certificate");
    const door = createTlsDoor(tls, this.#context.limits.handshakeTimeoutMs, {
      opened: (socket, below, certificate) => {
        const arrival = this.#arrivals.get(below);
        if (arrival === undefined || this.#closed) {
          socket.destroy();
          return;
        }
        this.#shaken(below);
        const { clock } = this.#context;
        const key = fingerprintOf(certificate);
        this.#start(socket, arrival, {
          key,
          standing: () => this.#context.subjects.ofCertificate(certificate, key, Math.floor(clock.wallUs() / 1000)),
        });
      },
      refused: (below, reason) => {
        const arrival = this.#arrivals.get(below);
        if (arrival === undefined || this.#closed) return;
        this.#context.counters.closedHandshakes += 1;
        this.#notice("handshake-refused", reason, { location: arrival.location });
      },
    });
    this.#door = door;
    return (socket) => door.welcome(socket);
  }

  #start(socket: Socket, { host, location }: Arrival, speaker: Speaker): void {
    const standing = speaker.standing();
    if (standing.kind === "refuse") {
      if (standing.confirms === true) this.#presented({ fingerprint: speaker.key, source: location.source });
      this.#context.counters.closedRevoked += 1;
      this.#notice("identity-refused", standing.reason, { subject: standing.subject, location });
      socket.destroy();
      return;
    }
    const session = new Session({
      context: this.#context,
      socket,
      transport: this.configuration.transport,
      location,
      listener: this.configuration.url,
      sourceHost: host,
      speaker,
      standing,
      routes: this.#routes,
    });
    socket.on("data", (chunk: Uint8Array) => {
      session.receive(chunk);
      this.#context.flushTouched();
    });
    socket.on("drain", () => session.balance());
    socket.on("end", () => session.finish());
    socket.on("error", (error) => session.fail(error));
    socket.on("close", () => session.close());
    this.#admit(session);
  }

  #shaken(socket: Socket): void {
    if (this.#atTheDoor.delete(socket)) this.#limits.shaken();
  }

  #notice(
    rule: ConformanceRule,
    evidence: string,
    about: { readonly subject?: Standing["subject"]; readonly location: Location },
  ): void {
    this.#context.journal.finding(conformanceFinding(rule, evidence), about);
  }
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
