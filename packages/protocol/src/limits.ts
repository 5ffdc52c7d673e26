/** The limits of the specifications, by name. MODBUS Application Protocol V1.1b3 § 4.1 and § 6, Messaging V1.0b § 3.1.3 */

/** Bytes of a PDU, function code included. § 4.1 */
export const MAX_PDU = 253;
/** Bytes of an ADU over TCP: 7 of header and a PDU. */
export const MAX_TCP_ADU = 260;
/** Bytes of an ADU on a serial line in RTU mode: address, PDU, CRC. */
export const MAX_RTU_ADU = 256;
/** Characters of an ASCII frame, from the colon to the line feed. Serial Line V1.02 § 2.5.2.1 */
export const MAX_ASCII_FRAME = 513;
/** Addresses of one table. § 4.4 */
export const ADDRESS_SPACE = 65_536;

/** § 6.1, § 6.2 */
export const MAX_READ_BITS = 2000;
/** § 6.3, § 6.4, and the read half of § 6.17 */
export const MAX_READ_REGISTERS = 125;
/** § 6.11 */
export const MAX_WRITE_BITS = 1968;
/** § 6.12 */
export const MAX_WRITE_REGISTERS = 123;
/** § 6.17 */
export const MAX_READ_WRITE_REGISTERS = 121;

/** The two values of a coil in a single write. § 6.5 */
export const COIL_ON = 0xff00;
export const COIL_OFF = 0x0000;

/** The MEI types of function code 43. § 6.19 */
export const MEI_CANOPEN = 0x0d;
export const MEI_DEVICE_IDENTIFICATION = 0x0e;

/** Bytes of the event log. § 6.10 */
export const MAX_EVENTS = 64;
/** Registers in one FIFO response. § 6.18 */
export const MAX_FIFO_REGISTERS = 31;
/** Bytes behind the byte count of a file record request or response. § 6.14 */
export const MAX_FILE_READ_BYTES = 0xf5;
/** Bytes behind the length of a file record write. § 6.15 */
export const MAX_FILE_WRITE_BYTES = 0xfb;
/** The only reference type there is. § 6.14 */
export const FILE_REFERENCE = 6;
/** Record numbers go from 0 to 9999. § 6.14 */
export const FILE_RECORDS = 10_000;
