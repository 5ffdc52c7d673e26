import { ExceptionResponseError, exceptionName, parseHex, toHex } from "@modwarden/protocol";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { type TargetOptions, URL_HELP, withClient, withTarget } from "../request/target.ts";

interface RawOptions extends TargetOptions {
  readonly json?: true;
}

const EXCEPTION_BIT = 0x80;

export function rawCommand(context: Context): Command {
  const command = createCommand("raw", {
    summary: "Sends a PDU as it is and prints the PDU that comes back",
    examples: [
      ["modwarden raw modbus+tcp://127.0.0.1:5020 0300000001", "function 3, address 0, one register"],
      ["modwarden raw modbus+tcp://127.0.0.1:5020 2b0e0100", "read device identification"],
    ],
    more: "HEX is the function code and its data, without header or check sum. It is not checked: the device judges it.",
  });
  withTarget(withJson(command))
    .argument("<URL>", URL_HELP)
    .argument("<HEX>", "1 to 253 bytes")
    .action(async (url: string, hex: string, options: RawOptions) => {
      const request = parseHex(hex);
      const { unit, response } = await withClient(context, url, options, async (target) => ({
        unit: target.unit,
        response: await target.client.raw(request, { unit: target.unit }),
      }));
      if (response.length === 0 && !options.json)
        context.note("sent to every device of the line, of which none answers");
      const code = response[0] ?? 0;
      if (code < EXCEPTION_BIT) {
        if (options.json) context.json({ unit, request: toHex(request), response: toHex(response) });
        else if (response.length > 0) context.print(toHex(response));
        return;
      }
      // Who asked for bytes sees them; as JSON an exception has the one shape it has everywhere.
      if (!options.json) context.print(toHex(response));
      const exception = response[1] ?? 0;
      throw new ExceptionResponseError(code & ~EXCEPTION_BIT, exception, exceptionName(exception));
    });
  return command;
}
