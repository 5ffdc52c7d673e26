"""A client of pymodbus 3.0 that is told what to ask (drive.ts).

    pymodbus_client.py tcp|udp|rtutcp|asciitcp 127.0.0.1 PORT UNIT
    pymodbus_client.py tls 127.0.0.1 PORT UNIT CERT KEY CA
    pymodbus_client.py rtu|ascii /dev/pts/N UNIT
"""
import asyncio
import inspect
import ssl
import struct
import sys

from pymodbus import diag_message, file_message, mei_message, other_message
from pymodbus.client import AsyncModbusTlsClient, ModbusSerialClient, ModbusTcpClient, ModbusUdpClient
from pymodbus.pdu import ExceptionResponse
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

carrier, place, *rest = sys.argv[1:]
# Without retries: a question is put once.
common = {"timeout": 2, "retries": 0, "retry_on_empty": False, "reset_socket": False}


def tls_context(cert, key, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(authority)
    context.load_cert_chain(cert, key)
    context.check_hostname = False
    return context


def make_client():
    if carrier in ("rtu", "ascii"):
        framer = ModbusRtuFramer if carrier == "rtu" else ModbusAsciiFramer
        # A pseudo terminal has eight bits and no parity, and Python's serial insists on what it asks for.
        return ModbusSerialClient(place, framer=framer, baudrate=19200, parity="N", bytesize=8, stopbits=1, **common)
    port = int(rest[0])
    if carrier == "udp":
        return ModbusUdpClient(place, port=port, **common)
    if carrier == "tls":
        # Its own framer for TLS sends a bare PDU, with neither transaction, length nor unit. Its blocking client waits
        # at the socket for what TLS has in hand already, so this is the other one.
        secure = tls_context(*rest[2:5])
        return AsyncModbusTlsClient(place, port=port, framer=ModbusSocketFramer, sslctx=secure, **common)
    framers = {"tcp": ModbusSocketFramer, "rtutcp": ModbusRtuFramer, "asciitcp": ModbusAsciiFramer}
    return ModbusTcpClient(place, port=port, framer=framers[carrier], **common)


unit = int(rest[0] if carrier in ("rtu", "ascii") else rest[1])
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
client = make_client()


def settled(value):
    """A value, or what is awaited."""
    if inspect.isawaitable(value):
        return loop.run_until_complete(asyncio.wait_for(value, 3))
    return value


def execute(request):
    request.unit_id = unit
    return client.execute(request)


DIAGNOSTICS = {
    1: diag_message.RestartCommunicationsOptionRequest,
    2: diag_message.ReturnDiagnosticRegisterRequest,
    3: diag_message.ChangeAsciiInputDelimiterRequest,
    4: diag_message.ForceListenOnlyModeRequest,
    10: diag_message.ClearCountersRequest,
    11: diag_message.ReturnBusMessageCountRequest,
    12: diag_message.ReturnBusCommunicationErrorCountRequest,
    13: diag_message.ReturnBusExceptionErrorCountRequest,
    14: diag_message.ReturnSlaveMessageCountRequest,
    15: diag_message.ReturnSlaveNoResponseCountRequest,
    16: diag_message.ReturnSlaveNAKCountRequest,
    17: diag_message.ReturnSlaveBusyCountRequest,
    18: diag_message.ReturnSlaveBusCharacterOverrunCountRequest,
    20: diag_message.ClearOverrunCountRequest,
}


def words(data):
    return struct.unpack(f">{len(data) // 2}H", data)


def flat(message):
    return list(message) if isinstance(message, (list, tuple)) else [message]


def send(code, given):
    """The response, and what it says in words once it is known to be one."""
    address = given[0] if given else 0
    quantity = given[1] if len(given) > 1 else 0
    values = given[1:]
    if code == 1:
        return client.read_coils(address, quantity, slave=unit), lambda r: [int(bit) for bit in r.bits[:quantity]]
    if code == 2:
        answer = client.read_discrete_inputs(address, quantity, slave=unit)
        return answer, lambda r: [int(bit) for bit in r.bits[:quantity]]
    if code == 3:
        return client.read_holding_registers(address, quantity, slave=unit), lambda r: r.registers
    if code == 4:
        return client.read_input_registers(address, quantity, slave=unit), lambda r: r.registers
    if code == 5:
        return client.write_coil(address, quantity != 0, slave=unit), lambda r: []
    if code == 6:
        return client.write_register(address, quantity, slave=unit), lambda r: []
    if code == 7:
        return execute(other_message.ReadExceptionStatusRequest()), lambda r: [r.status]
    if code == 8:
        if address == 0:
            return execute(diag_message.ReturnQueryDataRequest(values)), lambda r: flat(r.message)
        request = DIAGNOSTICS[address](bool(quantity) if address == 1 else quantity)
        return execute(request), lambda r: flat(r.message)
    if code == 11:
        return execute(other_message.GetCommEventCounterRequest()), lambda r: [0 if r.status else 65535, r.count]
    if code == 12:
        return (
            execute(other_message.GetCommEventLogRequest()),
            lambda r: [0 if r.status else 65535, r.event_count, r.message_count, *r.events],
        )
    if code == 15:
        return client.write_coils(address, [value != 0 for value in values], slave=unit), lambda r: []
    if code == 16:
        return client.write_registers(address, values, slave=unit), lambda r: []
    if code == 17:
        return execute(other_message.ReportSlaveIdRequest()), lambda r: list(r.identifier)
    if code == 20:
        record = file_message.FileRecord(file_number=address, record_number=quantity, record_length=given[2])
        # It counts the bytes of a record from the wrong end: what comes back has one byte too few in front.
        return execute(file_message.ReadFileRecordRequest([record])), lambda r: list(r.records[0].record_data)
    if code == 21:
        data = struct.pack(f">{len(given) - 2}H", *given[2:])
        record = file_message.FileRecord(file_number=address, record_number=quantity, record_data=data)
        answer = execute(file_message.WriteFileRecordRequest([record]))
        return answer, lambda r: [] if r.records[0].record_data == data else ["other"]
    if code == 22:
        return client.mask_write_register(address, quantity, given[2], unit=unit), lambda r: []
    if code == 23:
        answer = client.readwrite_registers(
            read_address=address, read_count=quantity, write_address=given[2], write_registers=given[3:], unit=unit
        )
        return answer, lambda r: r.registers
    if code == 24:
        return execute(file_message.ReadFifoQueueRequest(address)), lambda r: r.values
    if code == 43:
        request = mei_message.ReadDeviceInformationRequest(read_code=address, object_id=quantity)
        return execute(request), lambda r: [f"{key}:{value.decode()}" for key, value in r.information.items()]
    raise ValueError(f"no question begins with {code}")


def answer(line):
    code, *given = (int(word) for word in line.split())
    try:
        response, say = send(code, given)
        response = settled(response)
        if isinstance(response, ExceptionResponse):
            return f"! {response.exception_code}"
        if response.isError():
            return f"? {response}"
        return " ".join(["=", *(str(word) for word in say(response))])
    except Exception as error:  # pylint: disable=broad-except
        return f"? {type(error).__name__} {error}".replace("\n", " ")


settled(client.connect())
if not client.connected:
    sys.exit("cannot connect")
print("ready", flush=True)
for text in sys.stdin:
    print(answer(text), flush=True)
settled(client.close())
