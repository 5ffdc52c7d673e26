/** The database: Kysely over `node:sqlite`, one file per room, with versioned migrations. */
export { StoreError, type StoreErrorCode } from "./errors.ts";
export { type FileLock, lockFile } from "./lock.ts";
export type { Migration } from "./migrate.ts";
export { closeDatabase, durable, type OpenOptions, openDatabase } from "./open.ts";
export { reusable } from "./reusable.ts";
export { openSidecar, type Sidecar, type SidecarOptions, type SidecarStatement, type Value } from "./sidecar.ts";
