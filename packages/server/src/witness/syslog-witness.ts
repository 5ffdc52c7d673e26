import { type Checkpoint, checkpointLine } from "@modwarden/audit";
import { SyslogConnection, type SyslogTarget } from "../syslog/connection.ts";
import { framed, syslogBytes } from "../syslog/message.ts";
import { type Witness, WitnessError } from "./witness.ts";

export interface SyslogWitnessOptions {
  /** As the site has it: tls://siem.example:6514 */
  readonly to: string;
  readonly target: SyslogTarget;
  /** What stands as host in the messages. */
  readonly host: string;
}

/** An end of an epoch is a notice, any other checkpoint is told for information. RFC 5424 § 6.2.1 */
const NOTICE = 5;
const INFORMATION = 6;
const END_MS = 2_000;

/**
 * A receiver of syslog over TLS. It never says what it has: a checkpoint counts as given when the network has taken it
 * and the connection still stood, and the log cannot be held against it from here. The text of each message is the line,
 * so that what the receiver has kept can be used as a file of a witness.
 */
export function syslogWitness({ to, target, host }: SyslogWitnessOptions): Witness {
  let connection: SyslogConnection | undefined;
  const connected = async (): Promise<SyslogConnection> => {
    if (connection?.isOpen === true) return connection;
    const opened = await SyslogConnection.open(target, new AbortController().signal);
    connection = opened;
    return opened;
  };
  return {
    name: `syslog ${to}`,
    known: () => Promise.resolve(undefined),
    async keep(checkpoints) {
      const open = await connected();
      const taken = Promise.all(
        checkpoints.map((one) => new Promise<void>((resolve) => open.write(messageOf(one, host), resolve))),
      );
      const ended = open.closed.then((reason) => {
        throw new WitnessError("ERR_WITNESS_AWAY", reason?.message ?? "the connection ended");
      });
      await Promise.race([taken, ended]);
    },
    async stop() {
      await connection?.end(END_MS);
    },
  };
}

function messageOf(checkpoint: Checkpoint, host: string): Buffer {
  const { log, size, t, epoch, next } = checkpoint;
  const severity = next === null ? INFORMATION : NOTICE;
  return framed(
    syslogBytes({
      severity,
      time: t,
      host,
      type: "checkpoint",
      data: { log, size, epoch },
      text: checkpointLine(checkpoint),
    }),
  );
}
