/** The web console: what a site does, as it happens. It talks to the site's HTTP API and to nothing else. */
import { show } from "./main.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no place for the console.");
show(root);
