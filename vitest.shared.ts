import { defaultServerConditions } from "vite";

/** Rooms are resolved to their sources, so that a test never runs against a stale build. */
export const conditions: string[] = ["@modwarden/source", ...defaultServerConditions];
