/** modbus-serial as its README shows it. */
import { requirePeer } from "../peers.ts";
import { serveTasks } from "./measure.ts";

interface SerialClient {
  connectTCP(host: string, options: { readonly port: number }): Promise<void>;
  setID(unit: number): void;
  setTimeout(ms: number): void;
  readHoldingRegisters(address: number, quantity: number): Promise<{ readonly data: number[] }>;
  close(done: () => void): void;
}

const ModbusSerial = requirePeer("modbus-serial") as new () => SerialClient;

serveTasks(async (port) => {
  const client = new ModbusSerial();
  await client.connectTCP("127.0.0.1", { port });
  client.setID(1);
  client.setTimeout(1000);
  return {
    read: async () => (await client.readHoldingRegisters(0, 10)).data,
    close: () => new Promise((resolve) => client.close(resolve)),
  };
});
