/** A receiver that others wrote: Debian's rsyslog over TLS gets every record of a site, also those it was away for. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLines, readRecords } from "@modwarden/audit";
import { loadSite, siteCommand } from "@modwarden/server";
import { expect } from "vitest";
import { createSiteFolder } from "../site/site-folder.ts";
import { startBuilt, systemTest } from "./support.ts";

systemTest(
  ["rsyslogd", "openssl", "rsyslog-gnutls"],
  "rsyslog gets every record, in the form that it understands",
  async ([rsyslogd, openssl], context) => {
    const site = createSiteFolder("modbus+tcp://127.0.0.1:9?unit=1");
    const at = (name: string): string => join(site.dir, name);
    const subject = ["-subj", "/CN=siem", "-addext", "subjectAltName=DNS:localhost"];
    const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", at("siem-key.pem"), "-out", at("siem.pem"), ...subject];
    execFileSync(openssl, ["req", "-x509", ...made], { stdio: "ignore" });
    let receiver: ChildProcess | undefined;
    const start = async (port: string): Promise<string> => {
      writeFileSync(
        at("rsyslog.conf"),
        `global(workDirectory="${site.dir}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${at("siem.pem")}"
  defaultNetstreamDriverCertFile="${at("siem.pem")}" defaultNetstreamDriverKeyFile="${at("siem-key.pem")}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="parts" type="string" string="%syslogfacility%.%syslogseverity% %hostname% %app-name% %msgid% %structured-data% %msg%\\n")
input(type="imtcp" address="127.0.0.1" port="${port}" listenPortFileName="${at("port")}")
action(type="omfile" file="${at("received")}" template="parts" asyncWriting="off")
`,
      );
      receiver = spawn(rsyslogd, ["-n", "-f", at("rsyslog.conf"), "-i", at("rsyslog.pid")], { stdio: "ignore" });
      // It only says which port it is where it was to find one.
      const said = (): string => (existsSync(at("port")) ? readFileSync(at("port"), "utf8").trim() : "");
      await expect.poll(said, { timeout: 10_000 }).not.toBe("");
      return said();
    };
    const stop = async (): Promise<void> => {
      if (receiver === undefined || receiver.exitCode !== null || receiver.signalCode !== null) return;
      receiver.kill("SIGTERM");
      await once(receiver, "exit");
    };
    context.onTestFinished(async () => {
      await stop();
      site.remove();
    });

    const port = await start("0");
    const syslog = `syslog: { to: "tls://localhost:${port}", authority: siem.pem, format: json, from: start }`;
    writeFileSync(site.file, readFileSync(site.file, "utf8").replace("reads: each", `reads: each, ${syslog}`));
    const gateway = startBuilt(context, ["up", site.file, "--json"]);
    await gateway.ready("all");
    const add = (id: string): Promise<unknown> =>
      siteCommand(loadSite(site.file), "identity.add", { id, kind: "client", role: "Viewer" });
    const received = (): string[] =>
      existsSync(at("received")) ? readFileSync(at("received"), "utf8").split("\n") : [];
    const hasGot = (id: string): boolean => received().some((line) => line.includes(`"event":"added","id":"${id}"`));

    await add("while-it-is-there");
    await expect.poll(() => hasGot("while-it-is-there"), { timeout: 20_000 }).toBe(true);
    await stop();
    await add("while-it-is-away");
    const events = (): unknown[] => [...readRecords(site.audit)].map((record) => record["event"]);
    await expect.poll(events, { timeout: 20_000 }).toContain("feed-lost");
    await start(port);
    await expect.poll(() => hasGot("while-it-is-away"), { timeout: 60_000 }).toBe(true);
    expect((await gateway.stop("SIGTERM")).code).toBe(0);
    await stop();

    const records = [...readLines(site.audit)];
    const bySeq = new Map<number, string>();
    for (const line of received().filter((text) => text !== "")) {
      const match = /^13\.[3-6] localhost modwarden (\w+) \[modwarden@32473 log="(\w+)" seq="(\d+)"\] ?(.*)$/.exec(
        line,
      );
      expect(match, line).not.toBeNull();
      bySeq.set(Number(match![3]), match![4]!);
    }
    // At least once: what had not settled when it went away came twice; nothing is missing, the stop's record included.
    expect([...bySeq.keys()].sort((one, other) => one - other)).toEqual(records.map((_, index) => index));
    for (const [seq, text] of bySeq) expect(text).toBe(records[seq]);
  },
);
