/** Programs made of Debian's pymodbus. */
import { fileURLToPath } from "node:url";

/** What a test needs of the machine; the first is the Python that has it. */
export const pymodbusNeeds = ["python3", "python3-pymodbus", "python3-serial", "python3-serial-asyncio"] as const;

/** The command that starts a program of pymodbus. `files` are what it shows and trusts over TLS. */
export function pymodbus(python: string, role: "client" | "server", files: readonly string[] = []) {
  const script = fileURLToPath(new URL(`pymodbus_${role}.py`, import.meta.url));
  return (...place: readonly string[]) => [python, [script, ...place, ...files]] as const;
}
