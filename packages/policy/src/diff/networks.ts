import { inNetwork, type Network } from "../language/network.ts";
import { bitAt, type Dimension } from "./dimension.ts";

interface Node {
  readonly network: Network;
  readonly index: number;
  readonly children: Node[];
  /** The classes of it and of all networks in it. */
  bits: bigint;
}

/** Networks are apart, or one is in the other: each has a class for what is in none of the smaller ones. */
export class NetworkClasses implements Dimension {
  readonly #roots: Node[] = [];
  readonly #nodes: readonly Node[];
  readonly full: bigint;
  readonly #elsewhere: bigint;

  constructor(networks: Iterable<Network>) {
    const nodes: Node[] = [];
    const sorted = [...networks].sort((left, right) => left.bits - right.bits);
    for (const network of sorted) {
      if (nodes.some((node) => isSame(node.network, network))) continue;
      const node: Node = { network, index: nodes.length, children: [], bits: 0n };
      let siblings = this.#roots;
      for (let above = parentIn(siblings, network); above !== undefined; above = parentIn(siblings, network)) {
        siblings = above.children;
      }
      siblings.push(node);
      nodes.push(node);
    }
    this.#nodes = nodes;
    for (const root of this.#roots) fill(root);
    this.#elsewhere = bitAt(nodes.length);
    this.full = this.#roots.reduce((set, root) => set | root.bits, this.#elsewhere);
  }

  setOf(networks: Iterable<Network>): bigint {
    let set = 0n;
    for (const network of networks) set |= this.#nodes.find((node) => isSame(node.network, network))?.bits ?? 0n;
    return set;
  }

  /** `address`: 16-bit groups; undefined: not known. */
  classOf(address: readonly number[] | undefined): bigint {
    if (address === undefined) return this.#elsewhere;
    let found: Node | undefined;
    for (let nodes: readonly Node[] = this.#roots; ; nodes = found.children) {
      const inside = nodes.find((node) => inNetwork(node.network, address));
      if (inside === undefined) break;
      found = inside;
    }
    return found === undefined ? this.#elsewhere : bitAt(found.index);
  }

  words(set: bigint): string {
    const partsOf = (some: bigint): string => this.#roots.flatMap((root) => nodeWords(root, some)).join(", ");
    // Told by what is left out: of what is nowhere in particular there are no networks to name.
    return (set & this.#elsewhere) === 0n ? `from ${partsOf(set)}` : `from anywhere but ${partsOf(this.full & ~set)}`;
  }
}

function parentIn(nodes: readonly Node[], network: Network): Node | undefined {
  return nodes.find((node) => node.network.bits < network.bits && inNetwork(node.network, network.groups));
}

function isSame(left: Network, right: Network): boolean {
  return left.bits === right.bits && inNetwork(left, right.groups);
}

/** A network that its parts fill has no addresses of its own. */
function fill(node: Node): void {
  for (const child of node.children) fill(child);
  const width = node.network.groups.length * 16;
  const size = (network: Network): bigint => 1n << BigInt(width - network.bits);
  const inParts = node.children.reduce((sum, child) => sum + size(child.network), 0n);
  const own = inParts === size(node.network) ? 0n : bitAt(node.index);
  node.bits = node.children.reduce((set, child) => set | child.bits, own);
}

function nodeWords(node: Node, set: bigint): readonly string[] {
  if ((node.bits & set) === node.bits) return [node.network.text];
  const parts = node.children.flatMap((child) => nodeWords(child, set));
  if ((set & bitAt(node.index) & node.bits) === 0n) return parts;
  const without = node.children.filter((child) => (child.bits & set) !== child.bits).map((child) => child.network.text);
  return [`${node.network.text} without ${without.join(", ")}`, ...parts];
}
