/** What a TLS server of the bench is started with: files that the bench has written. */
import { readFileSync } from "node:fs";

const [keyFile = "", chainFile = "", rootFile = ""] = process.argv.slice(2);

export const key: string = readFileSync(keyFile, "utf8");
/** Leaf, issuing, root. */
export const chain: string = readFileSync(chainFile, "utf8");
export const root: string = readFileSync(rootFile, "utf8");
