"""A server of pymodbus 3.0 over the tables of tables.ts. Ends with its standard input.

    pymodbus_server.py tcp|udp|rtutcp|asciitcp UNIT
    pymodbus_server.py tls UNIT CERT KEY CA
    pymodbus_server.py rtu|ascii /dev/pts/N UNIT
"""
import asyncio
import ssl
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer, ModbusUdpServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

SIZE = 2200
carrier, *rest = sys.argv[1:]
unit = int(rest[1] if carrier in ("rtu", "ascii") else rest[0])
FRAMERS = {"rtu": ModbusRtuFramer, "rtutcp": ModbusRtuFramer, "ascii": ModbusAsciiFramer, "asciitcp": ModbusAsciiFramer}


def table(value):
    return ModbusSequentialDataBlock(0, [value(address) for address in range(SIZE)])


def context():
    device = ModbusSlaveContext(
        co=table(lambda address: address % 3 == 0),
        di=table(lambda address: address % 5 < 2),
        hr=table(lambda address: (address * 257 + 3) & 0xFFFF),
        ir=table(lambda address: (60000 + address * 7) & 0xFFFF),
        zero_mode=True,
    )
    return ModbusServerContext(slaves={unit: device}, single=False)


def tls_context(cert, key, authority):
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(cert, key)
    secure.load_verify_locations(authority)
    secure.verify_mode = ssl.CERT_REQUIRED
    return secure


def make_server():
    identity = ModbusDeviceIdentification(info_name={"VendorName": "pymodbus", "ProductCode": "peer", "MajorMinorRevision": "3.0"})
    common = {"identity": identity, "framer": FRAMERS.get(carrier, ModbusSocketFramer)}
    address = ("127.0.0.1", 0)
    if carrier in ("rtu", "ascii"):
        # A pseudo terminal has eight bits and no parity, and Python's serial insists on what it asks for.
        return ModbusSerialServer(context(), port=rest[0], baudrate=19200, parity="N", bytesize=8, stopbits=1, **common)
    if carrier == "udp":
        return ModbusUdpServer(context(), address=address, **common)
    if carrier == "tls":
        return ModbusTlsServer(context(), address=address, sslctx=tls_context(*rest[1:4]), **common)
    return ModbusTcpServer(context(), address=address, **common)


async def end_with_stdin():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def main():
    server = make_server()
    port = ""
    if carrier in ("rtu", "ascii"):
        await server.start()
    serving = asyncio.create_task(server.serve_forever())
    if carrier not in ("rtu", "ascii"):
        await server.serving
        if carrier == "udp":
            port = server.protocol.get_extra_info("sockname")[1]
        else:
            port = server.server.sockets[0].getsockname()[1]
    print("ready", port, flush=True)
    await end_with_stdin()
    serving.cancel()


asyncio.run(main())
