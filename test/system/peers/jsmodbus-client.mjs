// A client of jsmodbus that is told what to ask (drive.ts).
//   node jsmodbus-client.mjs FOLDER tcp 127.0.0.1 PORT UNIT
//   node jsmodbus-client.mjs FOLDER rtu /dev/pts/N UNIT
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { answerLines } from "./lines.mjs";

const [folder, carrier, place, ...rest] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const jsmodbus = require("jsmodbus");
const unit = Number(rest.at(-1));

let client;
if (carrier === "rtu") {
  const { SerialPort } = require("serialport");
  const port = new SerialPort({ path: place, baudRate: 19200, parity: "even" });
  client = new jsmodbus.client.RTU(port, unit, 2000);
  await once(port, "open");
} else {
  const socket = connect({ host: place, port: Number(rest[0]) });
  client = new jsmodbus.client.TCP(socket, unit, 2000);
  await once(socket, "connect");
}

async function ask(code, words) {
  const [address, quantity] = words;
  const given = words.slice(1);
  switch (code) {
    // Bits come back in whole bytes here too.
    case 1:
      return [...(await client.readCoils(address, quantity)).response.body.valuesAsArray]
        .slice(0, quantity)
        .map(Number);
    case 2:
      return [...(await client.readDiscreteInputs(address, quantity)).response.body.valuesAsArray]
        .slice(0, quantity)
        .map(Number);
    case 3:
      return (await client.readHoldingRegisters(address, quantity)).response.body.valuesAsArray;
    case 4:
      return (await client.readInputRegisters(address, quantity)).response.body.valuesAsArray;
    case 5:
      await client.writeSingleCoil(address, quantity !== 0);
      return [];
    case 6:
      await client.writeSingleRegister(address, quantity);
      return [];
    case 15:
      await client.writeMultipleCoils(
        address,
        given.map((value) => value !== 0),
      );
      return [];
    case 16:
      await client.writeMultipleRegisters(address, given);
      return [];
    case 43: {
      const { body } = (await client.readDeviceIdentification(address, quantity)).response;
      return body.objects.map(({ id, value }) => `${id}:${value}`);
    }
    default:
      throw new Error(`jsmodbus has no function ${code}`);
  }
}

await answerLines(ask, (error) =>
  error.err === "ModbusException" ? `! ${error.response.body.code}` : `? ${error.err ?? error.message}`,
);
