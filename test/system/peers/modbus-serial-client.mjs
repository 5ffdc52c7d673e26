// A client of modbus-serial that is told what to ask (drive.ts).
//   node modbus-serial-client.mjs FOLDER tcp|udp|rtutcp 127.0.0.1 PORT UNIT
//   node modbus-serial-client.mjs FOLDER rtu|ascii /dev/pts/N UNIT
import { createRequire } from "node:module";
import { answerLines } from "./lines.mjs";

const [folder, carrier, place, ...rest] = process.argv.slice(2);
const ModbusRTU = createRequire(`${folder}/`)("modbus-serial");
const client = new ModbusRTU();
const line = { baudRate: 19200, parity: carrier === "ascii" ? "none" : "even" };
if (carrier === "rtu") await client.connectRTUBuffered(place, line);
else if (carrier === "ascii") await client.connectAsciiSerial(place, line);
else if (carrier === "udp") await client.connectUDP(place, { port: Number(rest[0]) });
// The port that is called "TcpRTUBuffered" speaks Modbus/TCP, and the one called "Telnet" RTU over TCP.
else if (carrier === "rtutcp") await client.connectTelnet(place, { port: Number(rest[0]) });
else await client.connectTCP(place, { port: Number(rest[0]) });
client.setID(Number(rest.at(-1)));
client.setTimeout(2000);

async function ask(code, words) {
  const [address, quantity, ...more] = words;
  const given = words.slice(1);
  switch (code) {
    // Bits come back in whole bytes: up to seven more than were asked for.
    case 1:
      return (await client.readCoils(address, quantity)).data.slice(0, quantity).map(Number);
    case 2:
      return (await client.readDiscreteInputs(address, quantity)).data.slice(0, quantity).map(Number);
    case 3:
      return (await client.readHoldingRegisters(address, quantity)).data;
    case 4:
      return (await client.readInputRegisters(address, quantity)).data;
    case 5:
      await client.writeCoil(address, quantity !== 0);
      return [];
    case 6:
      await client.writeRegister(address, quantity);
      return [];
    case 15:
      await client.writeCoils(
        address,
        given.map((value) => value !== 0),
      );
      return [];
    case 16:
      await client.writeRegisters(address, given);
      return [];
    case 17: {
      // Called as its types say, with one argument, the promise never settles.
      const { serverId, running, additionalData } = await client.reportServerID(0, 0);
      return [serverId, running ? 255 : 0, ...additionalData];
    }
    case 20:
      // It asks for 100 registers always, and takes two bytes of a check sum for a 101st.
      return (await client.readFileRecords(address, quantity)).data.slice(0, 200);
    case 22:
      await client.maskWriteRegister(address, quantity, more[0]);
      return [];
    case 23:
      return (await client.readWriteRegisters(address, quantity, more[0], more.length - 1, more.slice(1))).data;
    case 43:
      return Object.entries((await client.readDeviceIdentification(address, quantity)).data).map(
        ([id, text]) => `${id}:${text}`,
      );
    default:
      return (await client.customFunction(code, words)).data;
  }
}

await answerLines(ask, (error) => (error.modbusCode === undefined ? `? ${error.message}` : `! ${error.modbusCode}`));
