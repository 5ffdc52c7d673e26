import { toHex } from "@modwarden/protocol";
import { expect, test } from "vitest";
import { adu } from "../testing/adu.ts";
import { mbapChannel } from "./channel.ts";

test.each([
  [true, ["noise 000100000006", "frame 000200000006010300000001"]],
  [false, ["frame 000100000006010300000001", "frame 000200000006010300000001"]],
])("where chunks are datagrams (%s) nothing goes on in the next one", (datagrams, expected) => {
  const seen: string[] = [];
  const channel = mbapChannel("request", datagrams, {
    frame: ({ bytes }) => seen.push(`frame ${toHex(bytes)}`),
    noise: (bytes) => seen.push(`noise ${toHex(bytes)}`),
  });
  const whole = adu(1, 1, "03 0000 0001");
  channel.push(whole.subarray(0, 6));
  if (!datagrams) channel.push(whole.subarray(6));
  channel.push(adu(2, 1, "03 0000 0001"));
  expect(seen).toEqual(expected);
});
