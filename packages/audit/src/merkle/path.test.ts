import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frontier } from "./frontier.ts";
import { leafHash } from "./hash.ts";
import { consistencyPath, inclusionPath, rootByInclusion, rootsByConsistency } from "./path.ts";

const leaves = Array.from({ length: 130 }, (_, number) => leafHash(Buffer.from(`record ${number}`)));

function root(from: number, to: number): Buffer {
  const frontier = Frontier.empty();
  for (const leaf of leaves.slice(from, to)) frontier.append(leaf);
  return frontier.root();
}

const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString("hex"));

describe("an inclusion path", () => {
  it("leads from every leaf to the root, at every size", () => {
    for (let size = 1; size <= 40; size++) {
      const wanted = root(0, size);
      for (let seq = 0; seq < size; seq++) {
        const path = inclusionPath(seq, size, root);
        expect(rootByInclusion(leaves[seq]!, seq, size, path)).toEqual(wanted);
      }
    }
  });

  it("is that of the Certificate Transparency test vectors", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const vectors = inputs.map((input) => leafHash(Buffer.from(input, "hex")));
    const range = (from: number, to: number) => {
      const frontier = Frontier.empty();
      frontier.appendAll(Buffer.concat(vectors.slice(from, to)));
      return frontier.root();
    };
    // Leaf 6 of 8, and from 6 to 8: google/certificate-transparency, merkle_tree_test.cc
    expect(hex(inclusionPath(5, 8, range))).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(hex(consistencyPath(6, 8, range))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });

  it("fits no other leaf, place, size or path", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 130 }), fc.nat(129), fc.nat(129), (size, one, other) => {
        const [seq, another] = [one % size, other % size];
        fc.pre(seq !== another);
        const path = inclusionPath(seq, size, root);
        const wanted = root(0, size);
        expect(rootByInclusion(leaves[another]!, seq, size, path)).not.toEqual(wanted);
        expect(rootByInclusion(leaves[seq]!, another, size, path)).not.toEqual(wanted);
        expect(rootByInclusion(leaves[seq]!, seq, size, path.slice(1))).not.toEqual(wanted);
        expect(rootByInclusion(leaves[seq]!, seq, size, [...path, path[0]!])).not.toEqual(wanted);
        expect(rootByInclusion(leaves[seq]!, seq, size, path.with(0, leaves[seq]!))).not.toEqual(wanted);
      }),
    );
    expect(rootByInclusion(leaves[0]!, 1, 1, [])).toBeUndefined();
    expect(rootByInclusion(leaves[0]!, -1, 1, [])).toBeUndefined();
  });

  it("goes beyond 32 bits", () => {
    const size = 2 ** 40 + 3;
    const range = (from: number, to: number) => leafHash(Buffer.from(`${from} ${to}`));
    const path = inclusionPath(2 ** 39 + 1, size, range);
    expect(path).toHaveLength(41);
    expect(rootByInclusion(leaves[0]!, 2 ** 39 + 1, size, path)).toBeDefined();
    expect(rootByInclusion(leaves[0]!, 2 ** 39 + 1, size, path.slice(1))).toBeUndefined();
  });
});

describe("a consistency path", () => {
  it("has both roots, between any two sizes", () => {
    for (let size = 1; size <= 40; size++) {
      for (let first = 1; first <= size; first++) {
        const path = consistencyPath(first, size, root);
        expect(rootsByConsistency(first, size, root(0, first), path)).toEqual([root(0, first), root(0, size)]);
      }
    }
  });

  it("has not both roots where anything differs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 130 }), fc.nat(129), fc.nat(200), (size, one, at) => {
        const first = 1 + (one % (size - 1));
        const path = consistencyPath(first, size, root);
        const both = [root(0, first), root(0, size)];
        const changed = path.with(at % path.length, leafHash(Buffer.from("another")));
        expect(rootsByConsistency(first, size, both[0]!, changed)).not.toEqual(both);
        expect(rootsByConsistency(first, size, both[0]!, path.slice(1))).not.toEqual(both);
        expect(rootsByConsistency(first, size, both[0]!, [...path, path[0]!])).not.toEqual(both);
      }),
    );
    expect(rootsByConsistency(0, 3, root(0, 0), [])).toBeUndefined();
    expect(rootsByConsistency(4, 3, root(0, 0), [])).toBeUndefined();
    expect(rootsByConsistency(3, 3, root(0, 3), [root(0, 3)])).toBeUndefined();
    expect(rootsByConsistency(3, 5, root(0, 3), [])).toBeUndefined();
  });
});
