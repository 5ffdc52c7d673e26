import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frontier } from "./frontier.ts";
import { leafHash, nodeHash } from "./hash.ts";

/** RFC 9162 § 2.1.1, as it is written there. */
function treeHash(records: readonly Uint8Array[]): Buffer {
  if (records.length === 0) return hash("sha256", "", "buffer");
  const [only] = records;
  if (records.length === 1 && only !== undefined) return hash("sha256", Buffer.concat([Buffer.of(0), only]), "buffer");
  let split = 1;
  while (split * 2 < records.length) split *= 2;
  const halves = [treeHash(records.slice(0, split)), treeHash(records.slice(split))];
  return hash("sha256", Buffer.concat([Buffer.of(1), ...halves]), "buffer");
}

describe("Frontier", () => {
  it("has the root of RFC 9162 at every size", () => {
    const records = Array.from({ length: 140 }, (_, index) => Buffer.from(`record ${index}`));
    const frontier = Frontier.empty();
    for (let size = 0; size <= records.length; size++) {
      expect(frontier.root()).toEqual(treeHash(records.slice(0, size)));
      expect(frontier.size).toBe(size);
      if (size < records.length) frontier.append(leafHash(records[size]!));
    }
  });

  it("has the roots of the Certificate Transparency test vectors", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const frontier = Frontier.empty();
    for (const input of inputs) frontier.append(leafHash(Buffer.from(input, "hex")));
    expect(frontier.root().toString("hex")).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });

  it("goes on from its peaks as if it had never stopped, and a clone goes its own way", () => {
    fc.assert(
      fc.property(fc.nat(70), fc.nat(70), (before, after) => {
        const whole = Frontier.empty();
        for (let index = 0; index < before; index++) whole.append(leafHash(Buffer.of(index)));
        const restored = Frontier.restore(whole.size, whole.peaks)!;
        const clone = whole.clone();
        for (let index = 0; index < after; index++) {
          whole.append(leafHash(Buffer.of(index)));
          restored.append(leafHash(Buffer.of(index)));
        }
        expect(restored.root()).toEqual(whole.root());
        expect(clone.size).toBe(before);
      }),
    );
  });

  it("takes no peaks that do not fit", () => {
    const peak = Buffer.alloc(32);
    expect(Frontier.restore(2, [peak, peak])).toBeUndefined();
    expect(Frontier.restore(-1, [])).toBeUndefined();
    expect(Frontier.restore(1.5, [peak])).toBeUndefined();
    expect(Frontier.restore(1, [Buffer.alloc(31)])).toBeUndefined();
    expect(Frontier.restore(2 ** 40, [peak])?.size).toBe(2 ** 40);
  });

  it("does not keep a leaf that is written to later", () => {
    const leaf = leafHash(Buffer.of(1));
    const frontier = Frontier.empty();
    frontier.append(leaf);
    const root = frontier.root();
    leaf.fill(0);
    expect(frontier.root()).toEqual(root);
  });
});

describe("hashes", () => {
  it("take records of any length, and keep leaves and nodes apart", () => {
    const long = Buffer.alloc(100_000, 7);
    expect(leafHash(long)).toEqual(hash("sha256", Buffer.concat([Buffer.of(0), long]), "buffer"));
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    expect(nodeHash(left, right)).not.toEqual(leafHash(Buffer.concat([left, right])));
  });
});
