import { describe, expect, it } from "vitest";
import { framed, syslogBytes } from "./message.ts";
import { recordMessage } from "./record-message.ts";
import { parseMessage } from "./testing/receiver.ts";

const message = {
  severity: 4,
  time: "2026-11-21T09:14:03.120771Z",
  host: "gw1.plant.example",
  type: "transaction",
  data: { log: 'L"0]G\\', seq: 7 },
  text: "said",
} as const;

describe("a syslog message", () => {
  it("has the form of RFC 5424, and its length before it as RFC 5425 wants", () => {
    const bytes = syslogBytes(message);
    expect(bytes.toString()).toBe(
      `<108>1 2026-11-21T09:14:03.120771Z gw1.plant.example modwarden ${process.pid} transaction [modwarden@32473 log="L\\"0\\]G\\\\" seq="7"] said`,
    );
    expect(parseMessage(bytes.toString()).data).toEqual({ log: 'L"0]G\\', seq: "7" });
    expect(framed(Buffer.from("é")).toString("latin1")).toBe("2 Ã©");
  });

  it("begins with the byte order mark only where the text is more than ASCII", () => {
    expect(syslogBytes({ ...message, text: "é" }).toString()).toMatch(/\] \ufeffé$/u);
  });

  it("has nothing in its head that is not printable, and never nothing at all", () => {
    expect(
      parseMessage(syslogBytes({ ...message, host: "a b\n\u0000é", type: "x".repeat(99) }).toString()),
    ).toMatchObject({
      host: "ab",
      type: "x".repeat(32),
    });
    expect(parseMessage(syslogBytes({ ...message, host: "é" }).toString()).host).toBe("-");
  });

  it("holds a record in each format, JSON in ASCII alone", () => {
    const finding = { rule: "late", severity: "high", evidence: "é\n😀" };
    const record = { seq: 7, t: message.time, kind: "finding", finding } as const;
    const context = { log: "L0G", version: "0.1.0" };
    const texts = (["json", "ocsf", "cef"] as const).map((format) => recordMessage(record, format, context, "gw1"));
    expect(texts[0]).toMatchObject({ severity: 3, type: "finding", data: { log: "L0G", seq: 7 } });
    expect(JSON.parse(texts[0]!.text)).toEqual(record);
    expect(JSON.parse(texts[1]!.text)).toMatchObject({ class_uid: 2004, finding_info: { desc: "é\n😀" } });
    for (const { text } of texts.slice(0, 2)) expect(text).toMatch(/^[ -~]+$/);
    expect(texts[2]!.text).toContain("msg=late: é\\n😀");
  });
});
