import type { FrameTransport } from "@modwarden/protocol";
import { type Command, Option } from "commander";
import { type Decoded, decodeHex, TOO_LONG } from "../decode/decode-hex.ts";
import { LineSplitter } from "../decode/lines.ts";
import { fieldLines, oneLine } from "../decode/text.ts";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { toJsonLine } from "../frame/json.ts";

interface DecodeOptions {
  readonly tcp?: true;
  readonly rtu?: true;
  readonly ascii?: true;
  readonly pdu?: true;
  readonly response?: true;
  readonly json?: true;
}

export function decodeCommand(context: Context): Command {
  const command = createCommand("decode", {
    summary: "Decodes one frame, field by field",
    examples: [
      ["modwarden decode 00010000000601030000000a", "a Modbus/TCP request"],
      ["modwarden decode --rtu --response 010302002a399b", "an RTU response"],
      ["modwarden decode - --json < frames.txt", "one frame per line, one answer per line"],
    ],
    more: "HEX is the hex of the bytes on the wire, for --ascii too. A frame that is not exactly one is invalid: exit 1.",
  });
  withJson(command)
    .argument("<HEX>", "the bytes of one frame; - reads one frame per line from standard input")
    .addOption(new Option("--tcp", "MBAP header and PDU (default)").conflicts(["rtu", "ascii", "pdu"]))
    .addOption(new Option("--rtu", "unit, PDU and CRC").conflicts(["tcp", "ascii", "pdu"]))
    .addOption(new Option("--ascii", "the characters from colon to line feed").conflicts(["tcp", "rtu", "pdu"]))
    .addOption(new Option("--pdu", "the PDU alone").conflicts(["tcp", "rtu", "ascii"]))
    .addOption(new Option("--request", "what a client sends (default)").conflicts("response"))
    .addOption(new Option("--response", "what a server sends").conflicts("request"))
    .action(async (hex: string, options: DecodeOptions) => {
      const decode = (text: string): Decoded => decodeHex(transportOf(options), directionOf(options), text);
      if (hex === "-") await decodeLines(context, decode, options.json === true);
      else decodeOne(context, decode(hex), options.json === true);
    });
  return command;
}

function transportOf({ rtu, ascii, pdu }: DecodeOptions): FrameTransport {
  return rtu ? "rtu" : ascii ? "ascii" : pdu ? "pdu" : "tcp";
}

function directionOf({ response }: DecodeOptions): "request" | "response" {
  return response ? "response" : "request";
}

function decodeOne(context: Context, decoded: Decoded, json: boolean): void {
  if (!decoded.document.valid) context.endWith(1);
  if (json) context.json(decoded.document);
  else for (const line of fieldLines(decoded)) context.print(line);
}

/** Answers go out once for each chunk that came in: memory stays small and the pipe sees few writes. */
async function decodeLines(context: Context, decode: (text: string) => Decoded, json: boolean): Promise<void> {
  const splitter = new LineSplitter();
  const answer = (lines: readonly (string | undefined)[]): void => {
    let text = "";
    for (const line of lines) {
      const decoded = line === undefined ? TOO_LONG : decode(line);
      if (!decoded.document.valid) context.endWith(1);
      text += json ? toJsonLine(decoded.document) : `${oneLine(decoded)}\n`;
    }
    context.terminal.stdout.write(text);
  };
  for await (const chunk of context.terminal.stdin.setEncoding("latin1")) answer(splitter.push(String(chunk)));
  answer(splitter.end());
}
