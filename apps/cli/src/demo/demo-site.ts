import { join } from "node:path";
import { loadSite, type ReadyLine, type RunningSite, type Site, startSite } from "@modwarden/server";
import { builtinPlant, type Simulation, startSimulator } from "@modwarden/simulator";
import { consoleDir } from "../frame/places.ts";
import { version } from "../frame/version.ts";
import { type DemoFolder, prepareFolder } from "./folder.ts";
import { choosePorts, type DemoPorts } from "./ports.ts";

/** The energy hall, running: the plant, and the site in front of it, in this process. */
export interface DemoSite {
  readonly folder: DemoFolder;
  readonly ports: DemoPorts;
  readonly site: Site;
  readonly running: RunningSite;
  readonly plant: Simulation;
  readonly plantUrl: string;
  readonly secureUrl: string;
  readonly plainUrl: string;
  readonly enrolmentUrl: string;
  /** Where the demo's clients keep their identities. */
  readonly identities: string;
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly dir: string | undefined;
  readonly reads: "each" | "rollup";
  readonly onReady: (line: ReadyLine) => void;
  readonly onNotice: (text: string) => void;
}

export async function startDemoSite(options: DemoOptions): Promise<DemoSite> {
  const ports = await choosePorts();
  const folder = prepareFolder(options.dir, ports, options.reads);
  const site = loadSite(folder.siteFile);
  const plant = await startSimulator({
    plant: builtinPlant("energy-hall"),
    listen: `modbus+tcp://127.0.0.1:${ports.plant}`,
  });
  let running: RunningSite;
  try {
    running = await startSite(site, {
      version,
      consoleDir,
      // The plant was first, but the console's line comes first on the terminal: it is what a person wants.
      onReady: (line) => {
        if (line.ready !== "all") options.onReady(line);
        if (line.ready === "enrolment") options.onReady({ ready: "simulator", url: plant.urls[0] ?? "" });
      },
      onNotice: options.onNotice,
    });
  } catch (error) {
    await plant.close();
    throw error;
  }
  try {
    await register(running);
  } catch (error) {
    await running.stop();
    await plant.close();
    throw error;
  }
  const [secureUrl = "", plainUrl = ""] = running.urls.gateway;
  return {
    folder,
    ports,
    site,
    running,
    plant,
    plantUrl: plant.urls[0] ?? "",
    secureUrl: secureUrl.replace("127.0.0.1", "localhost"),
    plainUrl,
    enrolmentUrl: running.urls.enrolment ?? "",
    identities: join(folder.dir, "identities"),
    async stop() {
      await running.stop();
      await plant.close();
    },
  };
}

/** The plain HMI cannot enrol itself: it is entered by hand, as `modwarden identity add` does. */
async function register(running: RunningSite): Promise<void> {
  if ((await running.identity.identities.find("legacy-hmi")) !== undefined) return;
  await running.command("identity.add", { id: "legacy-hmi", kind: "client", role: "Viewer", source: "127.0.0.1/32" });
}
