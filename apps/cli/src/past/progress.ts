import type { Context } from "../frame/context.ts";

const EVERY = 10_000;

/** The same items; at a terminal a line on stderr says how many there were. */
export function* withProgress<Item>(context: Context, items: Iterable<Item>, isQuiet: boolean): Generator<Item> {
  const { stderr } = context.terminal;
  const shows = stderr.isTerminal && !isQuiet;
  let count = 0;
  for (const item of items) {
    count += 1;
    if (shows && count % EVERY === 0) stderr.write(`\r${count} requests`);
    yield item;
  }
  if (shows && count >= EVERY) stderr.write("\r\u001b[K");
}
