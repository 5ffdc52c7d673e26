import { X509Certificate } from "node:crypto";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { TlsClientOptions } from "./tls.ts";

/** Servers whose sessions are kept for one set of options; the oldest makes room. */
const MAX_PLACES = 256;

interface Kept {
  readonly session: Buffer;
  /** Of the server. Node tells it a client in a full handshake only. */
  readonly certificate: PeerCertificate;
}

/** A session is only ever resumed by who began it: with the same key, certificate, authorities and checks. */
const sessions = new WeakMap<TlsClientOptions, Map<string, Kept>>();

/** The sessions of one client with one server. MB-TCP-Security v36 R-42 */
export class SessionKeeper {
  readonly #tls: TlsClientOptions;
  readonly #place: string;
  readonly #places: Map<string, Kept>;
  readonly #begun: Kept | undefined;
  #certificate: PeerCertificate | undefined;

  /** `place`: everything that says which server it is. */
  constructor(tls: TlsClientOptions, place: string) {
    this.#tls = tls;
    this.#place = place;
    this.#places = sessions.get(tls) ?? new Map();
    sessions.set(tls, this.#places);
    this.#begun = tls.resume === false ? undefined : this.#places.get(place);
  }

  /** What to resume. */
  get session(): Buffer | undefined {
    return this.#begun?.session;
  }

  /** Keeps what the server hands out on this socket. After a failure nothing of it is used again. R-11 */
  watch(socket: TLSSocket): void {
    socket.on("secureConnect", () => this.#identify(socket));
    socket.on("session", (session) => this.#keep(session));
    socket.on("error", () => this.forget());
  }

  /** DER of the server's certificate, from the end of the handshake on. */
  get certificate(): Uint8Array | undefined {
    return this.#certificate?.raw;
  }

  /**
   * Why the server of a resumed session is not to be trusted any more. TLS does not look at its certificate again, so
   * that what has ended since, and what the caller's check has come to know, has to be found here.
   */
  resumedProblem(socket: TLSSocket, name: string): Error | undefined {
    if (!socket.isSessionReused()) return undefined;
    const certificate = this.#certificate;
    if (certificate === undefined) return new Error("nobody remembers the certificate of the resumed session");
    const { validToDate } = new X509Certificate(certificate.raw);
    if (validToDate.getTime() <= Date.now()) return new Error("the server's certificate has ended");
    return this.#tls.checkServer?.(name, certificate);
  }

  forget(): void {
    this.#places.delete(this.#place);
  }

  /** Once the connection has ended its socket knows the certificate no more, and sessions may come as late as that. */
  #identify(socket: TLSSocket): void {
    const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
    if (certificate.raw !== undefined) this.#certificate = certificate as PeerCertificate;
    else if (socket.isSessionReused()) this.#certificate = this.#begun?.certificate;
  }

  #keep(session: Buffer): void {
    const certificate = this.#certificate;
    if (certificate === undefined || this.#tls.resume === false) return;
    this.#places.delete(this.#place);
    this.#places.set(this.#place, { session, certificate });
    if (this.#places.size > MAX_PLACES) this.#places.delete(this.#places.keys().next().value ?? this.#place);
  }
}
