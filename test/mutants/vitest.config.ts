import { defineConfig } from "vitest/config";

/** The one process in which mutants are tried; see mutants.ts. A mutant may take long, and none may end the others. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["run.mutants.ts"],
    testTimeout: 0,
    maxWorkers: 1,
    silent: true,
  },
});
