import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns";
import { NoConnectionError } from "../errors.ts";
import { type ModbusUrl, placeOf } from "../url.ts";
import { attempt, reasonOf } from "./attempt.ts";
import type { ConnectLinkOptions } from "./connect.ts";
import type { Link } from "./link.ts";
import { UdpLink } from "./udp.ts";

/**
 * A socket that sends to one peer and hears nobody else. Nothing is sent yet: UDP has no handshake, so whether anybody
 * is there shows with the first answer.
 */
export function connectUdp(url: ModbusUrl, options: ConnectLinkOptions): Promise<Link> {
  const where = placeOf(url);
  return attempt(where, options, ({ done, failed }) => {
    let socket: Socket | undefined;
    let over = false;
    const fail = (cause: Error): void =>
      failed(new NoConnectionError(`cannot connect to ${where}: ${reasonOf(cause)}`, { cause }));
    lookup(url.host, (cause, address, family) => {
      if (over) return;
      if (cause !== null) {
        fail(cause);
        return;
      }
      const opened = createSocket(family === 6 ? "udp6" : "udp4");
      socket = opened;
      opened.on("error", fail);
      opened.connect(url.port, address, () => {
        if (over) return;
        opened.off("error", fail);
        done(connectedUdp(opened, where));
      });
    });
    return () => {
      over = true;
      if (socket === undefined) return;
      socket.off("error", fail);
      socket.on("error", () => undefined);
      socket.close();
    };
  });
}

function connectedUdp(socket: Socket, peer: string): Link {
  const link = new UdpLink(
    peer,
    (datagram, sent) => socket.send(datagram, sent),
    () => socket.close(),
  );
  socket.on("message", (datagram) => link.receive(datagram));
  // Such as ECONNREFUSED, when the peer's host says that nobody listens.
  socket.on("error", (cause) => link.fail(cause));
  return link;
}
