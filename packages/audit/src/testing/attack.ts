import { cpSync, rmSync } from "node:fs";

/** A log's folder and its keys as they are now; `putBack` makes them so again, which nothing in the folder shows. */
export function snapshot(dir: string): { putBack(): void } {
  const kept = `${dir}-kept`;
  for (const folder of [dir, `${dir}-keys`]) cpSync(folder, folder.replace(dir, kept), { recursive: true });
  return {
    putBack() {
      for (const folder of [dir, `${dir}-keys`]) {
        rmSync(folder, { recursive: true });
        cpSync(folder.replace(dir, kept), folder, { recursive: true });
      }
    },
  };
}
