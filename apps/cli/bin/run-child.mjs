// Runs a program in this one's place: same stdio, signals passed on, its exit code kept, and no life after this one's.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];

/**
 * Resolves to the exit code; a child that died of a signal gives 128 plus its number, as a shell does. `lifeline`: the
 * child is the modwarden command, and ends when this process is killed outright and cannot pass that on.
 */
export function runChild(command, args, { lifeline = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const held = lifeline
      ? { stdio: ["inherit", "inherit", "inherit", "pipe"], env: { ...process.env, MODWARDEN_LIFELINE: "3" } }
      : { stdio: "inherit" };
    const child = spawn(command, args, { ...held, ...options });
    child.stdio[3]?.unref();
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    const done = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      done();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
