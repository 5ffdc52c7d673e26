import { createServer } from "node:net";

/** The ports the documentation names. All of them need no privileges. */
export const documentedPorts = {
  console: 8080,
  secure: 8802,
  plain: 1502,
  enrolment: 8443,
  plant: 15020,
} as const;

export type DemoPorts = Readonly<Record<keyof typeof documentedPorts, number>>;

/** The documented ports, and a free one in place of each that is taken. */
export async function choosePorts(): Promise<DemoPorts> {
  const chosen: Record<string, number> = {};
  for (const [name, port] of Object.entries(documentedPorts)) {
    chosen[name] = (await isFree(port)) ? port : await anyFree();
  }
  return chosen as DemoPorts;
}

function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

function anyFree(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      const address = server.address();
      const bound = address !== null && typeof address === "object" ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
