/** Polls until it is stopped, or as many readings as its second argument says: node poll.ts modbus+tcp://127.0.0.1:5022 */
import { connect, createPoller } from "@modwarden/modbus";

// A client that comes back by itself, and is not there yet: the points say so until it is.
await using client = await connect(process.argv[2] ?? "modbus+tcp://127.0.0.1:5022", { reconnect: { lazy: true } });
await using poller = createPoller(client, {
  everyMs: 1000,
  points: [
    { id: "voltage", unit: 1, table: "input", address: 0, type: "f32", everyMs: 200 },
    { id: "speed", unit: 2, table: "holding", address: 0 },
    { id: "nobody", unit: 9, table: "holding", address: 0 },
  ],
});
poller.start();

let left = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
for await (const { id, value, quality, reason, ageMs } of poller.updates()) {
  // A failure never looks like a value: what was read last stands there with its age.
  const age = ageMs === undefined ? "never read" : `${(ageMs / 1000).toFixed(1)} s old`;
  console.log(quality === "good" ? `${id} = ${value}` : `${id} is ${quality} (${reason}), last value ${value}, ${age}`);
  left -= 1;
  if (left <= 0) break;
}
