// The project's Node.js, for the scripts of a checkout.
import { fileURLToPath } from "node:url";
import { projectNode as find } from "../apps/cli/bin/project-node.mjs";

/** The root of the checkout, without a slash at its end. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** The path of the Node.js that builds, tests and runs this checkout. */
export const projectNode = () => find(root);
