import { fileURLToPath } from "node:url";

/** The built console: in this package's dist, whether the command runs built or from its sources. */
export const consoleDir: string = fileURLToPath(new URL("../../dist/console", import.meta.url));
