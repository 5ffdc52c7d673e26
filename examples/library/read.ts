/** Reads and writes once: node read.ts modbus+tcp://127.0.0.1:5022 */
import { connect, ExceptionResponseError, ModbusError } from "@modwarden/modbus";

await using client = await connect(process.argv[2] ?? "modbus+tcp://127.0.0.1:5022", { timeoutMs: 500 });

// Unit and value type travel with each request: nothing is set on the client that a second caller could change.
const meter = client.unit(1);
const drive = client.unit(2);
const voltage = await meter.readFloat32(0, { table: "input", order: "ABCD" });
console.log(`voltage ${voltage.toFixed(0)} V`);

await drive.writeRegister(0, 1500);
console.log("speed", await drive.readHoldingRegisters(0, 1));

for (const [what, attempt] of [
  ["a speed that the drive cannot do", () => drive.writeRegister(0, 5000)],
  ["a register that is not there", () => drive.readHoldingRegisters(100, 1)],
  ["a unit that is not there", () => client.unit(9).readCoils(0, 1)],
  ["no register at all", () => drive.readHoldingRegisters(0, 0)],
] as const) {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof ExceptionResponseError) console.log(`${what}: exception ${error.exception}`);
    else if (error instanceof ModbusError) console.log(`${what}: ${error.code}`);
    else throw error;
  }
}
