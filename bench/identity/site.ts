/** A whole site as a process, as `modwarden up` runs it, and the client that is registered in it. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { enrolWith } from "@modwarden/identity";
import { type Running, start, within } from "../shared/process.ts";
import type { Prepared } from "./prepare.ts";

const startMs = 30_000;
const command = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

export interface RunningSite extends Running {
  readonly gatewayPort: number;
  readonly enrolmentPort: number;
  /** Key and chain of a registered client, PEM in one file. */
  readonly client: string;
  /** The certificates that gateway and enrolment endpoint show, PEM. */
  readonly gatewayLeaf: string;
  readonly enrolmentLeaf: string;
}

export async function startSite(prepared: Prepared): Promise<RunningSite> {
  const running = start({
    name: "site",
    native: process.execPath,
    arguments: [command, "up", prepared.siteFile, "--json"],
    quiet: true,
  });
  try {
    const urls = await within(startMs, "the site did not start", running, ready(running));
    const { gateway, enrolment } = urls;
    if (gateway === undefined || enrolment === undefined) throw new Error("the site announced no listener");
    const { clientKey: key, pin, folder } = prepared;
    const identity = await enrolWith({ url: enrolment.href, key, pin, name: "bench-client" });
    const client = join(folder, "client.pem");
    writeFileSync(client, `${identity.chain}${identity.key}`, { mode: 0o600 });
    const leafOf = async (port: number, name: string): Promise<string> => {
      const file = join(folder, `${name}.pem`);
      const own = name === "gateway" ? { key: identity.key, cert: identity.chain } : {};
      writeFileSync(file, await verifiedLeaf({ port, ca: identity.root, ...own }));
      return file;
    };
    const [gatewayPort, enrolmentPort] = [Number(gateway.port), Number(enrolment.port)];
    return {
      ...running,
      gatewayPort,
      enrolmentPort,
      client,
      gatewayLeaf: await leafOf(gatewayPort, "gateway"),
      enrolmentLeaf: await leafOf(enrolmentPort, "enrolment"),
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

interface ReadyLine {
  readonly ready?: string;
  readonly url?: string;
  readonly error?: { readonly message: string };
}

async function ready(running: Running): Promise<Readonly<Record<string, URL>>> {
  const urls: Record<string, URL> = {};
  for await (const line of createInterface(running.child.stdout!)) {
    const { ready: name, url, error } = JSON.parse(line) as ReadyLine;
    if (error !== undefined) throw new Error(`the site did not start: ${error.message}`);
    if (name === "all") return urls;
    if (name !== undefined && url !== undefined) urls[name] = new URL(url.replace(/^modbus\+tls/, "https"));
  }
  throw new Error("the site ended");
}

/** The certificate that a server shows, once its chain and name hold; the load generators compare it byte for byte. */
async function verifiedLeaf(options: {
  readonly port: number;
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string | undefined;
}): Promise<string> {
  const { cert, ...rest } = options;
  const socket = connect({
    ...rest,
    host: "127.0.0.1",
    servername: "localhost",
    ...(cert === undefined ? {} : { cert }),
  });
  try {
    await once(socket, "secureConnect");
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined) throw new Error("the server showed no certificate");
    return leaf.toString();
  } finally {
    socket.destroy();
  }
}
