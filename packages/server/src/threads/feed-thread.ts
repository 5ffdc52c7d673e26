import { parentPort, workerData } from "node:worker_threads";
import { SyslogFeed } from "../syslog/feed.ts";
import type { FeedMessage, FeedRequest, FeedStart } from "./messages.ts";
import { codeOf, messageOf } from "./thread-error.ts";

/** The feed's thread: sends what is in the log to the site's receiver. It only reads the log. */
if (parentPort === null) throw new Error("this module is a thread of a running site");
const port = parentPort;
const post = (message: FeedMessage): void => port.postMessage(message);

async function run({ settings }: FeedStart): Promise<void> {
  const feed = new SyslogFeed(settings, (event) => post({ kind: "event", event }));
  const running = feed.run();
  port.on("message", (request: FeedRequest) => {
    feed.stop();
    void running.then(() => {
      post({ kind: "closed", id: request.id });
      port.close();
    });
  });
  await running;
}

run(workerData as FeedStart).catch((error: unknown) => {
  post({ kind: "failed", code: codeOf(error), message: messageOf(error) });
  port.close();
});
