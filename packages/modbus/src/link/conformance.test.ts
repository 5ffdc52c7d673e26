import { toHex } from "@modwarden/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { type Place, streams } from "../testing/carriers.ts";
import { Tap } from "../testing/tap.ts";
import type { Link } from "./link.ts";

/** Both ends of one link. */
async function pair(carrier: (typeof streams)[number], places: Place[]): Promise<{ near: Link; far: Link }> {
  const accepted = Promise.withResolvers<Link>();
  const place = await carrier.open(accepted.resolve);
  places.push(place);
  const near = await place.dial();
  return { near, far: await accepted.promise };
}

describe.each(streams)("a link over $title", (carrier) => {
  const places: Place[] = [];
  afterEach(async () => {
    await Promise.all(places.splice(0).map((place) => place.close()));
  });

  test("carries bytes both ways, in order, and says who is there", async () => {
    const { near, far } = await pair(carrier, places);
    expect(near.transport).toBe(carrier.name);
    expect(far.peer).not.toBe("");
    expect(near.certificate !== undefined).toBe(carrier.name === "tls");
    expect(far.certificate !== undefined).toBe(carrier.name === "tls");
    const [client, server] = [new Tap(near), new Tap(far)];
    client.write([1, 2]);
    client.write([3]);
    expect(toHex(await server.take(3))).toBe("010203");
    server.write([9]);
    expect(toHex(await client.take(1))).toBe("09");
    near.end();
    await server.finished;
    far.end();
    await Promise.all([client.closed, server.closed]);
  });

  test("bytes that came before the link is opened are not lost", async () => {
    const { near, far } = await pair(carrier, places);
    const client = new Tap(near);
    client.write([1, 2, 3]);
    client.link.end();
    await client.closed;
    const server = new Tap(far);
    expect(toHex(await server.take(3))).toBe("010203");
    await server.finished;
    far.end();
    expect(await server.closed).toBeUndefined();
  });

  test("end delivers what was written, then both sides hear the end once", async () => {
    const { near, far } = await pair(carrier, places);
    const [client, server] = [new Tap(near), new Tap(far)];
    client.write(new Uint8Array(100_000).fill(7));
    near.end();
    near.end();
    expect((await server.take(100_000)).every((byte) => byte === 7)).toBe(true);
    await server.finished;
    far.end();
    await Promise.all([client.closed, server.closed]);
    expect([client.closings, server.closings]).toEqual([1, 1]);
  });

  test("destroy ends both sides", async () => {
    const { near, far } = await pair(carrier, places);
    const [client, server] = [new Tap(near), new Tap(far)];
    near.destroy();
    expect(await client.closed).toBeUndefined();
    await server.finished;
    far.destroy();
    await server.closed;
    client.write([1]);
    near.end();
    near.resume();
    expect([client.closings, server.closings]).toEqual([1, 1]);
  });

  test("a listener that opens a link which has ended hears so", async () => {
    const { near, far } = await pair(carrier, places);
    near.destroy();
    const tap = new Tap(near);
    await tap.closed;
    far.destroy();
    expect(tap.closings).toBe(1);
  });

  test("a peer that does not read holds the writer back, and lets it go on when it reads", async () => {
    const { near, far } = await pair(carrier, places);
    const server = new Tap(far);
    far.pause();
    const drained = Promise.withResolvers<void>();
    near.open({
      received: () => undefined,
      finished: () => undefined,
      drained: drained.resolve,
      closed: () => undefined,
    });
    const piece = 16_384;
    let written = 0;
    while (near.write(new Uint8Array(piece))) written += piece;
    written += piece;
    expect(near.buffered).toBeGreaterThan(0);
    expect(near.buffered).toBeLessThanOrEqual(written);
    far.resume();
    await drained.promise;
    expect(near.buffered).toBe(0);
    await server.take(written);
    near.destroy();
    far.destroy();
    await server.closed;
  });
});
