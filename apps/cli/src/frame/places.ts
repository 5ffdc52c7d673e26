import { fileURLToPath } from "node:url";

/** The built console, beside this package in a checkout. */
export const consoleDir: string = fileURLToPath(new URL("../../../console/dist", import.meta.url));
