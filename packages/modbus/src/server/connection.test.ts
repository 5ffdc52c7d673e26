import { parseHex, rtuFrame, toHex } from "@modwarden/protocol";
import { expect, test } from "vitest";
import type { ServerLine } from "../framing/line.ts";
import { lineTiming } from "../link/line-timing.ts";
import type { Link, LinkListener } from "../link/link.ts";
import { compileHandler } from "./compile.ts";
import { ServerConnection } from "./connection.ts";
import type { Handler, HandlerResult } from "./handler.ts";
import { limitsOf, serialCodes } from "./options.ts";
import { Stations } from "./stations.ts";

/** A connection in the hands of the test, whose link never ends. */
function connection(handler: Handler, line: ServerLine) {
  const written: string[] = [];
  let listener: LinkListener | undefined;
  const link: Link = {
    transport: "memory",
    peer: "test",
    certificate: undefined,
    buffered: 0,
    open: (given) => {
      listener = given;
    },
    write(bytes) {
      written.push(toHex(bytes));
      return true;
    },
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => undefined,
  };
  const stations = new Stations();
  const served = new ServerConnection(link, line, {
    handler: compileHandler(handler, { served: [], serial: serialCodes, stations, ownDiagnostics: false, line: true }),
    limits: limitsOf({}),
    observer: undefined,
    stations: undefined,
    now: () => performance.now(),
    reportError: (error) => expect.fail(String(error)),
    reportDropped: () => undefined,
    left: () => undefined,
  });
  served.open();
  return { served, written, peer: listener! };
}

const line: ServerLine = {
  framing: "rtu",
  timing: lineTiming("rtu", undefined, { gapMs: 2 }),
  serves: () => true,
  shared: false,
  functions: [],
  observer: undefined,
};

test("an answer that is not ready keeps no later one from a line that others share, and goes nowhere itself", async () => {
  const gate = Promise.withResolvers<HandlerResult>();
  const read = (value: number): HandlerResult => ({ kind: "read-holding-registers", registers: Uint16Array.of(value) });
  const { peer, written } = connection((_, { unit }) => (unit === 1 ? gate.promise : read(2)), {
    ...line,
    shared: true,
  });
  peer.received(rtuFrame(1, parseHex("03 0000 0001")));
  peer.received(rtuFrame(2, parseHex("03 0000 0001")));
  await new Promise((resolve) => setImmediate(resolve));
  const answer = toHex(rtuFrame(2, parseHex("03 02 0002")));
  expect(written).toEqual([answer]);
  peer.received(rtuFrame(9, parseHex("03 0000 0001")).subarray(0, 3));
  gate.resolve(read(1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual([answer]);
});

test("what silence ends behind the end of a connection is not carried out", async () => {
  const carriedOut: number[] = [];
  const vendors: Handler = {
    "user-defined": (request) => {
      carriedOut.push(request.functionCode);
      return request;
    },
  };
  // Unit 1, function 66 and its CRC: only silence says that this is all.
  const frame = Uint8Array.of(0x01, 0x42, 0x80, 0x11);
  const open = connection(vendors, line);
  open.peer.received(frame);
  const closed = connection(vendors, line);
  closed.peer.received(frame);
  closed.served.close();
  while (open.written.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(carriedOut).toEqual([0x42]);
});
