import { stat } from "node:fs/promises";
import type { SerialPort } from "serialport";
import type { ModbusUrl, Scheme } from "../url.ts";
import type { Link, LinkListener } from "./link.ts";

/** How long `end` waits for bytes to leave. */
const lingerMs = 1000;
/** How often the device is looked for. */
const lookMs = 500;

/** Which device stands at a path; undefined when none does. */
async function deviceAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? undefined : `${found.dev} ${found.ino} ${found.rdev}`;
}

/** An open serial port as a link. It ends when it is closed here, and when its device goes. */
export class SerialLink implements Link {
  readonly transport: Scheme;
  readonly peer: string;
  readonly certificate: undefined;
  readonly #port: SerialPort;
  #listener: LinkListener | undefined;
  #cause: Error | undefined;
  #closed = false;
  #ending = false;
  #linger: NodeJS.Timeout | undefined;
  readonly #look: NodeJS.Timeout | undefined;
  #device: string | undefined;

  constructor(port: SerialPort, url: ModbusUrl, left?: () => void) {
    this.#port = port;
    this.transport = url.scheme;
    this.peer = url.path!;
    // A terminal that has hung up reads as empty rather than as gone, so the binding does not always hear of it.
    if (process.platform !== "win32") this.#look = setInterval(() => void this.#lookFor(), lookMs).unref();
    port.on("error", (error) => {
      this.#cause ??= error;
      this.destroy();
    });
    port.on("close", (error: Error | null | undefined) => {
      this.#closed = true;
      clearTimeout(this.#linger);
      clearInterval(this.#look);
      this.#cause ??= error ?? undefined;
      this.#listener?.closed(this.#cause);
      left?.();
    });
  }

  get buffered(): number {
    return this.#port.writableLength;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    if (this.#closed) {
      queueMicrotask(() => listener.closed(this.#cause));
      return;
    }
    // A Buffer's `slice` shares memory where that of a Uint8Array copies, and decoders rely on the copy.
    this.#port.on("data", (chunk: Buffer) =>
      listener.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
    );
    this.#port.on("drain", () => listener.drained());
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ending || this.#closed) return true;
    return this.#port.write(bytes);
  }

  pause(): void {
    this.#port.pause();
  }

  resume(): void {
    this.#port.resume();
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.#linger = setTimeout(() => this.#close(), lingerMs);
    this.#port.drain(() => this.#close());
  }

  destroy(): void {
    this.#ending = true;
    this.#close();
  }

  async #lookFor(): Promise<void> {
    const device = await deviceAt(this.peer);
    this.#device ??= device;
    if (this.#closed || (device !== undefined && device === this.#device)) return;
    this.#cause ??= new Error("the device has gone");
    this.destroy();
  }

  #close(): void {
    clearTimeout(this.#linger);
    if (this.#closed || !this.#port.isOpen) return;
    // Bytes that are not out yet would keep the port from closing.
    this.#port.flush(() => {
      if (this.#port.isOpen) this.#port.close(() => undefined);
    });
  }
}
