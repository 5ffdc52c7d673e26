/** modbus-serial as its README shows it. */
import type { AddressInfo, Server } from "node:net";
import { requirePeer } from "../peers.ts";
import { announce, fillRegisters } from "./announce.ts";

interface ModbusSerial {
  readonly ServerTCP: new (
    vector: { readonly getHoldingRegister: (address: number, unit: number) => number },
    options: { readonly host: string; readonly port: number; readonly unitID: number; readonly debug: boolean },
  ) => { on(event: string, listener: () => void): void; readonly _server: Server };
}

const { ServerTCP } = requirePeer("modbus-serial") as ModbusSerial;
const registers: number[] = [];
fillRegisters(registers);
const server = new ServerTCP(
  { getHoldingRegister: (address) => registers[address]! },
  { host: "127.0.0.1", port: 0, unitID: 255, debug: false },
);
server.on("socketError", () => undefined);
server.on("initialized", () => announce((server._server.address() as AddressInfo).port));
