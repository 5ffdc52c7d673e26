import type { SerialPort } from "serialport";
import { NoConnectionError, NoSerialPortError } from "../errors.ts";
import type { ModbusUrl } from "../url.ts";
import { attempt, reasonOf } from "./attempt.ts";
import type { ConnectLinkOptions } from "./connect.ts";
import { lineTimingOf } from "./line-timing.ts";
import type { Link } from "./link.ts";
import { paced } from "./paced.ts";
import { SerialLink } from "./serial-link.ts";

/**
 * Opens the serial port of a modbus+rtu or modbus+ascii URL, for this process alone. `left` is called when the port was
 * open and is no more.
 */
export async function openSerial(url: ModbusUrl, options: ConnectLinkOptions, left?: () => void): Promise<Link> {
  const line = lineTimingOf(url, options.line);
  const { SerialPort } = await loadSerialPort(url);
  const path = url.path!;
  return attempt(path, options, ({ done, failed }) => {
    let over = false;
    const fail = (cause: unknown): void =>
      failed(new NoConnectionError(`cannot open ${path}: ${systemReason(cause)}`, { cause }));
    const port = newPort(SerialPort, url);
    port.open((error) => {
      if (error !== null) fail(error);
      else if (over) port.close();
      else done(paced(new SerialLink(port, url, left), line));
    });
    return () => {
      over = true;
      port.on("error", () => undefined);
      if (port.isOpen) port.close();
    };
  });
}

function newPort(Port: typeof SerialPort, url: ModbusUrl): SerialPort {
  const { baud, dataBits, parity, stopBits } = url.serial!;
  try {
    return new Port({ path: deviceOf(url.path!), baudRate: baud, dataBits, parity, stopBits, autoOpen: false });
  } catch (cause) {
    throw new NoConnectionError(`cannot open ${url.path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Of "Error: No such file or directory, cannot open /dev/x" what is new behind "cannot open /dev/x". */
function systemReason(cause: unknown): string {
  return reasonOf(cause)
    .replace(/^Error: /, "")
    .replace(/, cannot open .*$/, "");
}

/** On Windows `modbus+rtu:///COM3` means COM3. */
function deviceOf(path: string): string {
  return process.platform === "win32" && /^\/com\d+$/i.test(path) ? path.slice(1) : path;
}

async function loadSerialPort(url: ModbusUrl): Promise<typeof import("serialport")> {
  try {
    return await import("serialport");
  } catch (cause) {
    const missing = (cause as { readonly code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const reason = missing ? "is not installed" : `cannot be loaded (${reasonOf(cause)})`;
    throw new NoSerialPortError(
      `modbus+${url.scheme} needs the package serialport, which ${reason}: npm install serialport@13`,
      { cause },
    );
  }
}
