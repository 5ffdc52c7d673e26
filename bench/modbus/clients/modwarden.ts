/** The library's client as users get it. `several`: the requests of one turn of the loop share a write. */
import { connect } from "@modwarden/modbus";
import { serveTasks } from "./measure.ts";

const adusPerWrite = process.argv[2] === "several" ? "several" : "one";

serveTasks(async (port, depth) => {
  const client = await connect(`modbus+tcp://127.0.0.1:${port}`, { outstanding: depth, adusPerWrite });
  return { read: () => client.readHoldingRegisters(0, 10), close: () => client.close() };
});
