import {
  claimInto,
  type EnrolledIdentity,
  type Enrolment,
  enrolFor,
  enrolInto,
  isPin,
  loadIdentity,
} from "@modwarden/identity";
import type { Command } from "commander";
import { acceptCommand } from "../enrolment/accept.ts";
import { documentOf, sentenceOf } from "../enrolment/answer.ts";
import { confirmCommand } from "../enrolment/confirm.ts";
import { type DeviceOptions, deviceOf, withDevice } from "../enrolment/device-options.ts";
import { KEY_VARIABLE, keyText } from "../enrolment/key-text.ts";
import { requestCommand } from "../enrolment/request.ts";
import { signCommand } from "../enrolment/sign.ts";
import { waitsIn } from "../enrolment/waiting.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { writeSecret } from "../key/shown.ts";
import { usage } from "../request/place.ts";
import { recoverCommand } from "./recover.ts";
import { renewCommand } from "./renew.ts";

interface EnrolOptions extends DeviceOptions {
  readonly key?: string;
  readonly name?: string;
  readonly for?: string;
  readonly identity?: string;
  readonly csr?: string;
  readonly out?: string;
  readonly pin?: string;
  readonly role?: string;
  readonly ownKey?: string;
  readonly json?: true;
}

const PIN_FORM = 'a pin is "sha256/" and 44 characters of base64, as it came with the key';

export function enrolCommand(context: Context): Command {
  const command = createCommand("enrol", {
    summary: "Registers with a site and stores the identity: a new key pair, its certificate, the chain",
    examples: [
      ["modwarden enrol https://gw1:8443 --key key.txt --pin sha256/… --name hmi-2 --out ./hmi-2", "key from a file"],
      [
        "pass show plant/key | modwarden enrol https://gw1:8443 --key - --pin sha256/… --name hmi-2 --out ./hmi-2",
        "from a pipe",
      ],
      [
        "modwarden enrol https://gw1:8443 --for pump-7 --key key.txt --pin sha256/… --identity ./me --out ./pump-7",
        "an installer, for a device",
      ],
    ],
    more: `Where a person has to approve, the same command later fetches the certificate.\nThe pin comes with the key and is how the server is known: nothing secret is sent before it agrees.\nThe key is never an argument: --key names a file, - is standard input, or it stands in ${KEY_VARIABLE}.`,
  });
  // A required option would be required of the subcommands as well, and one behind a subcommand is that one's.
  const whole = withJson(command)
    .enablePositionalOptions()
    .addCommand(requestCommand(context))
    .addCommand(signCommand(context))
    .addCommand(acceptCommand(context))
    .addCommand(confirmCommand(context))
    .addCommand(renewCommand(context))
    .addCommand(recoverCommand(context))
    .argument("<URL>", "the enrolment endpoint, https://host:port")
    .option("--key <FILE>", "the file that holds the registration key; - is standard input")
    .option("--name <NAME>", "the id in the registry; has to be given")
    .option("--for <DEVICE>", "the same, for a device that somebody else enrols")
    .option("--identity <DIR>", "the installer's own identity, which is shown and recorded")
    .option("--csr <FILE>", "the device's signing request: its key stays there; --out is the file for the bundle")
    .option("--out <DIR>", "where the identity is stored; has to be given, and must not hold one already")
    .option("--pin <P>", "sha256/… of the site's root, as it came with the key")
    .option("--role <ROLE>", "which of several allowed roles")
    .option("--own-key <FILE>", "the device's own private key (PEM); imported at the site, it needs no --key");
  return withDevice(whole).action(async (url: string, options: EnrolOptions) => {
    const { out, pin, role, serial, ownKey } = options;
    const name = options.name ?? options.for;
    if (name === undefined || out === undefined) return usage("--name (or --for) and --out have to be given");
    if (options.name !== undefined && options.for !== undefined)
      return usage("--name and --for say the same: give one");
    if (pin === undefined) {
      throw new CliError(
        "ERR_ENROLMENT_PIN",
        "--pin is missing: it comes with the key, and without it the server cannot be known",
        2,
      );
    }
    if (!isPin(pin)) throw new CliError("ERR_ENROLMENT_PIN", PIN_FORM, 2);
    if (waitsIn(out, { id: name, url, pin })) return tell(context, options, await claimInto(out), out);
    const device = await deviceOf(context, options);
    const asked = {
      ...{ url, pin, name },
      key: options.key === undefined && ownKey !== undefined ? "" : await keyText(context, options.key),
      ...(role === undefined ? {} : { role }),
      ...(serial === undefined ? {} : { serial }),
      ...(device === undefined ? {} : { device }),
      ...(options.identity === undefined ? {} : { installer: installerIn(options.identity) }),
    };
    const own = ownKey === undefined ? {} : { keyPair: await readNamedFile(context.terminal, ownKey) };
    if (options.csr === undefined) return tell(context, options, await enrolInto(out, { ...asked, ...own }), out);
    const csr = await readNamedFile(context.terminal, options.csr);
    tellBundle(context, options, await enrolFor({ ...asked, csr }), out);
  });
}

function installerIn(folder: string): { readonly key: string; readonly chain: string } {
  const { key, cert } = loadIdentity(folder);
  return { key, chain: cert };
}

function tell(context: Context, options: EnrolOptions, identity: EnrolledIdentity, out: string): void {
  if (options.json) context.json(documentOf(identity));
  else context.print(sentenceOf(identity, out));
}

/** The device's key is in the device: what it needs goes there as a file. */
function tellBundle(context: Context, options: EnrolOptions, enrolment: Enrolment, out: string): void {
  const { id, role, state } = enrolment;
  if (enrolment.state === "claimed") writeSecret(out, enrolment.bundle, 0o644);
  const { fingerprint, expires, confirmBy } =
    enrolment.state === "claimed" ? enrolment : { fingerprint: null, expires: null, confirmBy: null };
  if (options.json) context.json({ id, role, state, fingerprint, expires, confirmBy });
  else if (confirmBy === null) context.print(`${id} waits for approval; then the same command once more`);
  else
    context.print(
      `${out} is for ${id}: \`modwarden enrol accept ${out}\` there; it has to be confirmed until ${confirmBy}`,
    );
}
