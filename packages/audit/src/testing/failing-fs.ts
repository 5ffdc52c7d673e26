import { nodeFs, type WriteFs } from "../log/write-fs.ts";

type Call = keyof WriteFs;

/** The file system, with a switch for each call that makes it fail. `failing` maps a call to the error's code. */
export function failingFs(): { readonly fs: WriteFs; readonly failing: Map<Call, string> } {
  const failing = new Map<Call, string>();
  const check = (call: Call): void => {
    const code = failing.get(call);
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${call}`), { code });
  };
  const entries = Object.keys(calls).map((name) => {
    const call = name as Call;
    const real = nodeFs[call] as (...parameters: unknown[]) => unknown;
    return [
      call,
      (...parameters: unknown[]) => {
        check(call);
        return real(...parameters);
      },
    ];
  });
  return { fs: Object.fromEntries(entries) as WriteFs, failing };
}

const calls: Record<Call, true> = {
  mkdirSync: true,
  openSync: true,
  writeSync: true,
  ftruncateSync: true,
  fdatasyncSync: true,
  fsyncSync: true,
  closeSync: true,
  renameSync: true,
  unlinkSync: true,
};
