import { defineConfig } from "vitest/config";
import { conditions } from "./vitest.shared.ts";

/** Tests against real programs: whole processes, Debian's clients and tools, a browser. One file at a time. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/system/**/*.test.ts", "test/site/kill.test.ts"],
    env: { KILLS: "20" },
    exclude: ["**/node_modules/**"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
});
