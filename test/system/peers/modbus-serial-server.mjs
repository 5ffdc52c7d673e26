// A server of modbus-serial over the tables of tables.ts.
//   node modbus-serial-server.mjs FOLDER tcp UNIT
//   node modbus-serial-server.mjs FOLDER rtu /dev/pts/N UNIT
import { createRequire } from "node:module";
import { coil, discrete, freePort, holding, input, SIZE, serveUntilStdinEnds } from "./lines.mjs";

const [folder, carrier, place, unit] = process.argv.slice(2);
const { ServerTCP, ServerSerial } = createRequire(`${folder}/`)("modbus-serial");

const fill = (value) => Array.from({ length: SIZE }, (_, address) => value(address));
const tables = { coils: fill(coil), discrete: fill(discrete), holding: fill(holding), input: fill(input) };

function inside(address) {
  if (address >= SIZE) throw { modbusErrorCode: 2, message: "no such address" };
  return address;
}
const vector = {
  getCoil: (address) => tables.coils[inside(address)],
  getDiscreteInput: (address) => tables.discrete[inside(address)],
  getHoldingRegister: (address) => tables.holding[inside(address)],
  getInputRegister: (address) => tables.input[inside(address)],
  setCoil: (address, value) => {
    tables.coils[inside(address)] = value;
  },
  setRegister: (address, value) => {
    tables.holding[inside(address)] = value;
  },
  reportServerID: () => ({ id: 17, running: true, additionalData: Buffer.from("peer") }),
  readDeviceIdentification: () => ({ 0: "modbus-serial", 1: "peer", 2: "1.0", 3: "https://example.com" }),
};

if (carrier === "rtu") {
  const options = { port: place, baudRate: 19200, parity: "even", unitID: Number(unit) };
  const server = new ServerSerial(vector, options);
  server.on("initialized", () => serveUntilStdinEnds());
} else {
  // Its option `port` takes 0 for 502.
  const port = await freePort();
  const server = new ServerTCP(vector, { host: "127.0.0.1", port, unitID: Number(place) });
  server.on("initialized", () => serveUntilStdinEnds(port));
}
