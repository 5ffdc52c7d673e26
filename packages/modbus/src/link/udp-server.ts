import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { MBAP_HEADER } from "@modwarden/protocol";
import { BadUrlError, NoConnectionError } from "../errors.ts";
import { type ModbusUrl, placeOf } from "../url.ts";
import { reasonOf } from "./attempt.ts";
import { wholeAdus } from "./datagram.ts";
import type { Listening, ListenLinkOptions } from "./listen.ts";
import { UdpLink } from "./udp.ts";

/** A peer that has been silent for so long is forgotten, unless the options say otherwise. */
const defaultIdleMs = 60_000;

/**
 * Listens at a modbus+udp URL. Each peer that sends becomes a link of its own, which ends when the peer has been silent
 * for a while, or when more peers come than there may be: then the one that has been silent for longest.
 */
export async function listenUdp(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  const socket = await bind(url);
  const peers = new UdpPeers(socket, options);
  socket.on("message", (datagram, from) => peers.receive(datagram, from));
  socket.on("error", (cause) => options.onFault?.(placeOf(url), cause));
  return {
    url: { ...url, port: socket.address().port },
    setTls() {
      throw new BadUrlError("modbus+udp has no TLS settings");
    },
    close: async () => peers.close(),
  };
}

async function bind(url: ModbusUrl): Promise<Socket> {
  const fail = (cause: unknown): never => {
    throw new NoConnectionError(`cannot listen at ${placeOf(url)}: ${reasonOf(cause)}`, { cause });
  };
  const { address, family } = await lookup(url.host).catch(fail);
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  return new Promise((resolve, reject) => {
    socket.once("error", (cause) => {
      socket.close();
      reject(new NoConnectionError(`cannot listen at ${placeOf(url)}: ${reasonOf(cause)}`, { cause }));
    });
    socket.bind({ port: url.port, address, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

const exceptionBit = 0x80;

/** The peers of one socket that listens. */
export class UdpPeers {
  readonly #socket: Socket;
  readonly #ownPort: number;
  readonly #options: ListenLinkOptions;
  readonly #idleMs: number;
  /** In the order of their last datagrams, the longest silent first. */
  readonly #peers = new Map<string, { readonly link: UdpLink; heardMs: number }>();
  readonly #timer: NodeJS.Timeout;
  #closing = false;
  #closed = false;

  constructor(socket: Socket, options: ListenLinkOptions) {
    this.#socket = socket;
    this.#ownPort = socket.address().port;
    this.#options = options;
    this.#idleMs = options.udpIdleMs ?? defaultIdleMs;
    this.#timer = setInterval(() => this.#forget(), Math.min(1000, Math.max(10, this.#idleMs / 4))).unref();
  }

  receive(datagram: Uint8Array, from: RemoteInfo): void {
    if (!this.#asks(datagram, from.port)) return;
    const key = `${from.family === "IPv6" ? `[${from.address}]` : from.address}:${from.port}`;
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      if (this.#closing) return;
      if (this.#peers.size >= (this.#options.maxSockets ?? 1024)) this.#displace();
      peer = { link: this.#newLink(key, from), heardMs: 0 };
      this.#peers.set(key, peer);
      this.#options.onLink(peer.link);
      // Its owner may have no room for it.
      if (this.#peers.get(key) !== peer) return;
    }
    this.#peers.delete(key);
    this.#peers.set(key, peer);
    peer.heardMs = performance.now();
    peer.link.receive(datagram);
  }

  /** Accepts no more peers; the socket stays for those that are there. */
  close(): void {
    this.#closing = true;
    this.#closeWhenLeft();
  }

  /**
   * Whether somebody asks something who can be answered. A sender's address is easily forged: port 0 cannot be answered,
   * and two servers that are made to take each other's answers for requests would go on for ever, which many answers
   * are, byte for byte. What asks nothing gets no link, so that it takes nobody's place.
   */
  #asks(datagram: Uint8Array, port: number): boolean {
    if (port === 0 || port === this.#ownPort) return false;
    return wholeAdus(datagram) > 0 && datagram[MBAP_HEADER]! < exceptionBit;
  }

  #newLink(key: string, { address, port }: RemoteInfo): UdpLink {
    const link: UdpLink = new UdpLink(
      key,
      (datagram, sent) => this.#socket.send(datagram, port, address, sent),
      () => {
        if (this.#peers.get(key)?.link !== link) return;
        this.#peers.delete(key);
        this.#closeWhenLeft();
      },
    );
    return link;
  }

  #displace(): void {
    for (const [key, { link }] of this.#peers) {
      this.#peers.delete(key);
      link.destroy();
      return;
    }
  }

  #forget(): void {
    const before = performance.now() - this.#idleMs;
    for (const { link, heardMs } of this.#peers.values()) {
      if (heardMs > before) return;
      link.end();
    }
  }

  #closeWhenLeft(): void {
    if (!this.#closing || this.#closed || this.#peers.size > 0) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
