// A server of jsmodbus over the tables of tables.ts.
//   node jsmodbus-server.mjs FOLDER tcp UNIT
//   node jsmodbus-server.mjs FOLDER rtu /dev/pts/N UNIT
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { coil, discrete, holding, input, SIZE, serveUntilStdinEnds } from "./lines.mjs";

const [folder, carrier, place] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const jsmodbus = require("jsmodbus");

function bits(value) {
  const bytes = Buffer.alloc(SIZE / 8);
  for (let address = 0; address < SIZE; address += 1) if (value(address)) bytes[address >> 3] |= 1 << (address & 7);
  return bytes;
}
function words(value) {
  const bytes = Buffer.alloc(2 * SIZE);
  for (let address = 0; address < SIZE; address += 1) bytes.writeUInt16BE(value(address), 2 * address);
  return bytes;
}
const options = { coils: bits(coil), discrete: bits(discrete), holding: words(holding), input: words(input) };

if (carrier === "rtu") {
  const { SerialPort } = require("serialport");
  const port = new SerialPort({ path: place, baudRate: 19200, parity: "even" });
  new jsmodbus.server.RTU(port, options);
  await once(port, "open");
  serveUntilStdinEnds();
} else {
  const listener = createServer();
  new jsmodbus.server.TCP(listener, options);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  serveUntilStdinEnds(listener.address().port);
}
