import { defineConfig } from "vitest/config";
import { defaultServerConditions } from "vite";

const conditions = ["@modwarden/source", ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "test/system/**"],
    testTimeout: 20_000,
    coverage: {
      provider: "v8",
      include: ["packages/{protocol,policy,audit}/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/testing/**", "**/index.ts"],
      reporter: ["text-summary", "text", "json-summary"],
    },
  },
});
