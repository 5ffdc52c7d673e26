import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { der } from "@modwarden/modbus";
import { isPin, spkiPin } from "../certificate/fingerprint.ts";
import { certificatePem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";

/** Where an enrolment endpoint is. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const MAX_CHAIN = 8;

/** Error: ERR_ENROLMENT_REQUEST */
export function parseEndpoint(url: string): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:") {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", `"${url}" is no enrolment address: write https://host:port`);
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: parsed.port === "" ? 443 : Number(parsed.port) };
}

/** The pin has to be there and to be one: without it any server would be believed. Error: ERR_ENROLMENT_PIN */
export function checkPin(pin: string | undefined): asserts pin is string {
  if (pin === undefined || !isPin(pin)) {
    throw new IdentityError(
      "ERR_ENROLMENT_PIN",
      'the pin of the server is needed: "sha256/" and 44 characters, as it came with the key',
    );
  }
}

/**
 * Reads the chain that the endpoint sends, over a connection on which nothing else is said, and returns the root (PEM)
 * whose key the pin names. Every later connection verifies against that root alone. Errors: ERR_ENROLMENT_PIN,
 * ERR_ENROLMENT_UNREACHABLE
 */
export async function pinnedRoot(endpoint: Endpoint, pin: string, timeoutMs: number): Promise<string> {
  const chain = await readChain(endpoint, timeoutMs);
  const root = chain.find((certificate) => hasPin(certificate, pin) && isRoot(certificate));
  if (root === undefined) {
    throw new IdentityError(
      "ERR_ENROLMENT_PIN",
      `the server at ${endpoint.host}:${endpoint.port} is not the one the pin names: nothing was sent to it`,
    );
  }
  return certificatePem(root.raw);
}

/** A chain that cannot even be read has no key that the pin could name. */
function hasPin(certificate: X509Certificate, pin: string): boolean {
  try {
    return spkiPin(certificate.raw) === pin;
  } catch (error) {
    if (error instanceof der.DerError) return false;
    throw error;
  }
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

function readChain(endpoint: Endpoint, timeoutMs: number): Promise<readonly X509Certificate[]> {
  const options: ConnectionOptions = {
    ...endpoint,
    // The chain is only read here; the pin decides, and the connection that carries the key verifies everything.
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
  };
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(options, () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      resolve(chain);
    });
    const fail = (cause: unknown): void => {
      socket.destroy();
      reject(unreachable(endpoint, cause));
    };
    const timer = setTimeout(() => fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    socket.once("close", () => {
      clearTimeout(timer);
      fail(new Error("the connection was closed"));
    });
    socket.on("error", fail);
  });
}

function chainOf(leaf: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

export function unreachable(endpoint: Endpoint, cause: unknown): IdentityError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new IdentityError(
    "ERR_ENROLMENT_UNREACHABLE",
    `no enrolment at https://${endpoint.host}:${endpoint.port}: ${why}`,
    { cause },
  );
}
