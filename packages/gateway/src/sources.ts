import { isIP } from "node:net";
import type { SourceMapping } from "./configuration.ts";

interface Network {
  readonly version: 4 | 6;
  /** The first `length` bits of the address. */
  readonly prefix: bigint;
  readonly length: number;
  readonly subject: string;
}

/** A network as text that is not one. */
export class BadNetworkError extends Error {
  readonly code = "ERR_SITE_NETWORK";
}

/** Which registered identity a client address stands for; the longest prefix wins. */
export interface SourceTable {
  subjectOf(address: string): string | undefined;
}

/** Throws `BadNetworkError` for a network that is none, and for two mappings of one network. */
export function createSourceTable(mappings: readonly SourceMapping[]): SourceTable {
  const networks = mappings
    .map(({ network, subject }) => parseNetwork(network, subject))
    .sort((left, right) => right.length - left.length);
  const seen = new Set<string>();
  for (const { version, prefix, length } of networks) {
    const key = `${version} ${prefix} ${length}`;
    if (seen.has(key)) throw new BadNetworkError(`two identities are mapped to one network of length ${length}`);
    seen.add(key);
  }
  return {
    subjectOf(address) {
      const plain = unmapped(address);
      const version = isIP(plain);
      if (version !== 4 && version !== 6) return undefined;
      const value = toNumber(plain, version);
      const bits = bitsOf(version);
      return networks.find(
        (network) => network.version === version && value >> BigInt(bits - network.length) === network.prefix,
      )?.subject;
    },
  };
}

/**
 * Throws `BadNetworkError` for what a person cannot have meant: 10.0.0.5/8 names a host and reaches a whole network,
 * and an IPv4 network written as IPv6 matches nobody.
 */
export function checkNetwork(text: string): void {
  const { version, prefix, length } = parseNetwork(text, "");
  const address = text.split("/", 1)[0] ?? "";
  const bits = bitsOf(version);
  if (prefix << BigInt(bits - length) !== toNumber(address, version)) {
    throw new BadNetworkError(`"${text}" has bits behind its prefix: write the network's own address, or ${address}`);
  }
  if (version === 6 && length >= 96 && prefix >> BigInt(length - 96) === 0xffffn) {
    throw new BadNetworkError(`"${text}" is a network of IPv4: write it as one, such as 10.0.0.0/24`);
  }
}

function parseNetwork(text: string, subject: string): Network {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const version = isIP(address);
  if (version !== 4 && version !== 6) {
    throw new BadNetworkError(`"${text}" is not a network: write an address, or address/prefix such as 10.0.0.0/24`);
  }
  const bits = bitsOf(version);
  const length = slash < 0 ? bits : Number(text.slice(slash + 1));
  if ((slash >= 0 && !/^\d{1,3}$/.test(text.slice(slash + 1))) || !Number.isInteger(length) || length > bits) {
    throw new BadNetworkError(`"${text}": the prefix length must be 0 to ${bits}`);
  }
  return { version, prefix: toNumber(address, version) >> BigInt(bits - length), length, subject };
}

function bitsOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

/** IPv4 clients of a dual-stack socket arrive as ::ffff:10.0.0.5. */
export function unmapped(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function toNumber(address: string, version: 4 | 6): bigint {
  if (version === 4) {
    return address.split(".").reduce((value, part) => (value << 8n) | BigInt(Number(part)), 0n);
  }
  const bare = address.split("%", 1)[0] ?? address;
  const [head = "", tail] = bare.split("::", 2);
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = tail === undefined ? [] : Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0);
  return [...left, ...middle, ...right].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
