import { Socket } from "node:net";

/**
 * A launcher under an older Node runs this process in its own place. Whoever kills the launcher outright means this
 * process: the launcher's end of the pipe closes with it, and this process ends at once, as it would have.
 */
export function holdLifeline(): void {
  const descriptor = Number(process.env["MODWARDEN_LIFELINE"]);
  delete process.env["MODWARDEN_LIFELINE"];
  if (!Number.isInteger(descriptor) || descriptor < 3) return;
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on("error", () => undefined);
  pipe.on("close", () => process.kill(process.pid, "SIGKILL"));
  pipe.resume();
  pipe.unref();
}
