/** A device of one's own: unit 1 measures, unit 2 takes a setpoint. Runs until it is stopped. */
import { createMemoryHandler, createServer, routeUnits, ServerException } from "@modwarden/modbus";

const meter = createMemoryHandler({ inputRegisters: 2, holdingRegisters: 0, coils: 0, discreteInputs: 0 });
const drive = createMemoryHandler({ holdingRegisters: 10, inputRegisters: 0, coils: 1, discreteInputs: 0 });
const maxSpeed = 3000;

// A voltage near 230 V as a float in two registers.
const measure = (): void => {
  const value = new DataView(new ArrayBuffer(4));
  value.setFloat32(0, 230 + Math.sin(Date.now() / 1000));
  // A typed array has the machine's byte order, so each register is set as a number.
  meter.tables.inputRegisters.set([value.getUint16(0), value.getUint16(2)]);
};
measure();
setInterval(measure, 200);

await using server = createServer(
  routeUnits({
    1: meter,
    2: {
      ...drive,
      "write-single-register": (request, context) => {
        // 03 is for requests that are malformed; a value that the device cannot do is 04.
        if (request.value > maxSpeed) throw new ServerException(4);
        console.log(`${context.peer} sets register ${request.address} to ${request.value}`);
        return drive["write-single-register"](request, context);
      },
    },
  }),
  { onError: (error) => console.error(error), idleTimeoutMs: 60_000 },
);

const url = await server.listen(process.argv[2] ?? "modbus+tcp://127.0.0.1:5022");
console.log(`listening at modbus+${url.scheme}://${url.host}:${url.port}`);
await new Promise<void>((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
process.exit();
