/** How characters travel on a serial line. */
export interface SerialSettings {
  readonly baud: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: "none" | "even" | "odd" | "mark" | "space";
  readonly stopBits: 1 | 1.5 | 2;
}

export const serialParameters: readonly string[] = ["baud", "data", "parity", "stop"];

const dataBits = [5, 6, 7, 8] as const;
const parities = ["none", "even", "odd", "mark", "space"] as const;
const stopBits = [1, 1.5, 2] as const;

/**
 * The settings a URL's parameters ask for.
 * Defaults: 19200 baud, even parity, eight data bits for RTU and seven for ASCII, one stop bit, two without parity
 * so that a character keeps its length. MODBUS over Serial Line V1.02 § 2.5.1, 2.5.2 and 3.3
 */
export function serialSettings(
  scheme: "rtu" | "ascii",
  parameters: Readonly<Record<string, string>>,
  fail: (reason: string) => never,
): SerialSettings {
  const baud = parameters["baud"] ?? "19200";
  if (!/^[1-9]\d{1,6}$/.test(baud)) fail(`baud has to be a whole number of at least 10, not ${JSON.stringify(baud)}`);
  const parity = choose("parity", parameters["parity"] ?? "even", parities, fail);
  return {
    baud: Number(baud),
    dataBits: choose("data", parameters["data"] ?? (scheme === "rtu" ? "8" : "7"), dataBits, fail),
    parity,
    stopBits: choose("stop", parameters["stop"] ?? (parity === "none" ? "2" : "1"), stopBits, fail),
  };
}

function choose<T extends string | number>(
  name: string,
  text: string,
  choices: readonly T[],
  fail: (reason: string) => never,
): T {
  const found = choices.find((choice) => String(choice) === text);
  return found ?? fail(`${name} has to be one of ${choices.join(", ")}, not ${JSON.stringify(text)}`);
}
