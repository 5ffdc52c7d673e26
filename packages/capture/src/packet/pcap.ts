/** One recorded packet. `bytes` is a view into the file. */
export interface Packet {
  /** 1-based, as Wireshark counts. */
  readonly frame: number;
  /** Seconds since 1970, with the file's resolution. */
  readonly time: number;
  readonly bytes: Uint8Array;
  /** Where `bytes` begin in the file. */
  readonly offset: number;
  /** Bytes on the wire; more than `bytes` when the recording was cut off at its snapshot length. */
  readonly wireBytes: number;
}

/** What can be read of a damaged file is read; `offset` is where the damage begins. */
export interface CaptureDamage {
  readonly frame: number;
  readonly offset: number;
  readonly reason: string;
}

export interface PcapFile {
  /** LINKTYPE_ value; 1 is Ethernet. */
  readonly linkType: number;
  /** Yields each packet; a damaged one ends the file, because nothing says where the next begins. */
  packets(onDamage: (damage: CaptureDamage) => void): Generator<Packet, void, void>;
}

export class CaptureError extends Error {
  readonly code = "ERR_CAPTURE_FORMAT";
}

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
/** No link carries more; a larger length is damage, whatever the file's snapshot length says. */
const MAX_PACKET = 262_144;

const magics: ReadonlyMap<number, { readonly little: boolean; readonly ticks: number }> = new Map([
  [0xa1b2c3d4, { little: false, ticks: 1e6 }],
  [0xd4c3b2a1, { little: true, ticks: 1e6 }],
  [0xa1b23c4d, { little: false, ticks: 1e9 }],
  [0x4d3cb2a1, { little: true, ticks: 1e9 }],
]);

/** The block type that every pcapng file begins with, the same in both byte orders. draft-ietf-opsawg-pcapng § 4.1 */
const PCAPNG = 0x0a0d0d0a;

function refusal(magic: number | undefined): string {
  if (magic === PCAPNG) return "this is a pcapng file, and only classic pcap is read: editcap -F pcap converts it";
  return "this is no pcap file: its first four bytes are none of the four magic numbers";
}

/** Reads a classic pcap file, either byte order, micro- or nanoseconds. draft-ietf-opsawg-pcap § 4 and § 5 */
export function readPcap(file: Uint8Array): PcapFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const form = file.length < FILE_HEADER ? undefined : magics.get(view.getUint32(0));
  if (form === undefined) throw new CaptureError(refusal(file.length < 4 ? undefined : view.getUint32(0)));
  const { little, ticks } = form;
  return {
    // The upper bits hold the length of the frame check sequence.
    linkType: view.getUint32(20, little) & 0x0fffffff,
    *packets(onDamage) {
      let offset = FILE_HEADER;
      for (let frame = 1; offset < file.length; frame += 1) {
        const left = file.length - offset;
        if (left < PACKET_HEADER) {
          onDamage({ frame, offset, reason: `${left} bytes of a packet header` });
          return;
        }
        const captured = view.getUint32(offset + 8, little);
        if (captured > MAX_PACKET || captured > left - PACKET_HEADER) {
          onDamage({ frame, offset, reason: `a packet of ${captured} bytes where ${left - PACKET_HEADER} are left` });
          return;
        }
        const start = offset + PACKET_HEADER;
        yield {
          frame,
          time: view.getUint32(offset, little) + view.getUint32(offset + 4, little) / ticks,
          bytes: file.subarray(start, start + captured),
          offset: start,
          wireBytes: view.getUint32(offset + 12, little),
        };
        offset = start + captured;
      }
    },
  };
}
