import { defineConfig } from "vitest/config";
import { conditions } from "./vitest.shared.ts";

/** Every test that needs only npm packages. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/system/**"],
    testTimeout: 20_000,
    // Two cores are usual, and the default leaves one of them idle while tests wait for child processes.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["packages/{protocol,policy,audit}/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/testing/**", "**/index.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 95, branches: 95, perFile: false },
    },
  },
});
