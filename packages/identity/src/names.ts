import { BlockList, isIP, isIPv6 } from "node:net";
import { roleTextProblem } from "@modwarden/modbus";
import { IdentityError } from "./errors.ts";

const ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const TAG = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const HOST_LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** Whether `text` can be an id: 1-64 letters, digits, `.`, `_`, `-`, beginning and ending with a letter or digit. */
export function isIdentityId(text: string): boolean {
  return ID.test(text);
}

/** Throws ERR_IDENTITY_INVALID unless `id` can be one. */
export function checkId(id: string): void {
  if (!isIdentityId(id)) {
    throw invalid(`"${id.slice(0, 80)}" cannot be an id: 1 to 64 letters, digits, ".", "_" and "-"`);
  }
}

/** Throws ERR_IDENTITY_INVALID unless a certificate could carry `role`. */
export function checkRole(role: string): void {
  const problem = roleTextProblem(role);
  if (problem !== undefined) throw invalid(`a role cannot be written so (${problem}): 1 to 64 printable characters`);
}

/** Throws ERR_IDENTITY_INVALID unless `tag` can be one. Lower case only: nobody tells `Hall-2` from `hall-2`, and a rule would. */
export function checkTag(tag: string): void {
  if (!TAG.test(tag)) {
    throw invalid(
      `"${tag.slice(0, 80)}" cannot be a tag: 1 to 64 lower-case letters, digits, ".", "_" and "-", beginning and ending with a letter or digit`,
    );
  }
}

/** Whether `name` can stand in a certificate: an address, or a host name without wildcard. */
export function isServerName(name: string): boolean {
  // A zone (fe80::1%eth0) is a matter of one machine.
  return (
    (isIP(name) !== 0 && !name.includes("%")) ||
    (name.length <= 253 && name.split(".").every((label) => HOST_LABEL.test(label)))
  );
}

export function checkServerName(name: string): void {
  if (!isServerName(name)) throw invalid(`"${name.slice(0, 80)}" is neither a host name nor an address`);
}

/** The network `cidr` names (`10.0.0.0/8`, an address alone is itself). Error: ERR_IDENTITY_INVALID */
export function networkOf(cidr: string): BlockList {
  const [address = "", bits, rest] = cidr.split("/");
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || rest !== undefined || prefix < 0 || prefix > widest) {
    throw invalid(`"${cidr.slice(0, 80)}" is no network: write 10.0.0.0/8 or one address`);
  }
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  return list;
}

/** Whether `source` (an address, as a socket reports it) lies in one of `networks`. */
export function isWithin(source: string, networks: readonly string[]): boolean {
  const address = plainAddress(source);
  const version = isIP(address);
  if (version === 0) return false;
  return networks.some((network) => networkOf(network).check(address, version === 4 ? "ipv4" : "ipv6"));
}

/** An IPv4 address that a dual-stack socket reports as IPv6 is the IPv4 address. */
export function plainAddress(source: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(source);
  return mapped?.[1] ?? source;
}

/** What counts as one source: an IPv4 address, or the /64 of an IPv6 address, for a host owns all addresses in it. */
export function hostOf(source: string): string {
  const address = plainAddress(source);
  if (!isIPv6(address)) return address;
  const groups = (address.split("%")[0] ?? address).split("::");
  const head = (groups[0] ?? "").split(":").filter((group) => group !== "");
  const tail = (groups[1] ?? "").split(":").filter((group) => group !== "");
  const zeros = groups.length > 1 ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0") : [];
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}

/** Whether `text` can be shown on a terminal and be told from another: no control characters, no half characters. */
export function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

function invalid(message: string): IdentityError {
  return new IdentityError("ERR_IDENTITY_INVALID", message);
}
