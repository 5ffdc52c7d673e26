import type { Socket } from "node:net";
import type { LineLimits } from "./configuration.ts";
import type { Slot } from "./slot.ts";

/** A client's socket as a session steers it: what goes out, whether it is read from, and how it ends. */
export class ClientSocket {
  readonly #socket: Socket;
  readonly #limits: LineLimits;
  #paused = false;
  #unreadSinceMs = 0;
  #leftAtMs = 0;

  constructor(socket: Socket, limits: LineLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** The replies of these slots in one write. */
  write(slots: readonly Slot[]): void {
    let bytes = 0;
    for (const slot of slots) bytes += slot.replyBytes;
    const out = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const { reply, replyBytes } of slots) {
      out.set(reply.subarray(0, replyBytes), at);
      at += replyBytes;
    }
    this.#socket.write(out);
  }

  /** Whether the client leaves its replies unread. */
  unread(nowMs: number): boolean {
    const unread = this.#socket.writableLength > this.#limits.unreadBytes;
    if (!unread) this.#unreadSinceMs = 0;
    else if (this.#unreadSinceMs === 0) this.#unreadSinceMs = nowMs;
    return unread;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  /** What is written already still goes out, for a while. */
  leave(nowMs: number): void {
    this.#leftAtMs = nowMs;
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The client was left and has not gone by itself. */
  lingers(nowMs: number): boolean {
    return this.#leftAtMs !== 0 && nowMs - this.#leftAtMs > this.#limits.frameTimeoutMs;
  }

  /** The client has left its replies unread for too long. */
  neglects(nowMs: number): boolean {
    return this.#unreadSinceMs !== 0 && nowMs - this.#unreadSinceMs > this.#limits.unreadTimeoutMs;
  }
}
