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
    // Every core: much of a test's time is spent waiting for a child process.
    maxWorkers: "100%",
    // Two cores are usual; the default leaves one of them idle.
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["packages/{protocol,policy,audit}/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/testing/**", "**/index.ts"],
      reporter: ["text-summary", "text", "json-summary"],
    },
  },
});
