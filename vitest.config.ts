import { defineConfig } from "vitest/config";
import { conditions } from "./vitest.shared.ts";

/**
 * Tests that leave nothing behind in their process share it: loading the rooms anew for every file took a third of the
 * time. A test that puts something in place of a module of Node's, or counts what the process holds, is none of them.
 */
const sharing = ["packages/*/src/**/*.test.ts"];
/** Those that are none of them. */
const apart = [
  "packages/modbus/src/{poller/poller,server/server,link/serial,link/keep-alive}.test.ts",
  "packages/modbus/src/client/{settling,reconnecting}.test.ts",
  "packages/modbus/src/security/conformance/{suites,traps}.test.ts",
  "packages/audit/src/recorder/kill.test.ts",
  "packages/gateway/src/{pressure,snapshot}.test.ts",
  "packages/server/src/http/event-stream.test.ts",
  "packages/server/src/site/{running-site,start-failure,upkeep}.test.ts",
];
const alone = ["packages/identity/src/client/renew-crash.test.ts"];
const never = ["**/node_modules/**", "**/dist/**", "test/system/**"];

/** Every test that needs only npm packages. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 20_000,
    // Two cores are usual, and the default leaves one of them idle while tests wait for child processes.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: { name: "sharing", include: sharing, exclude: [...never, ...alone, ...apart], isolate: false },
      },
      {
        extends: true,
        test: {
          name: "apart",
          include: [...apart, "apps/*/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: never,
        },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: never } },
    ],
    coverage: {
      provider: "v8",
      include: ["packages/{protocol,policy,audit}/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/testing/**", "**/index.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 95, branches: 95, perFile: false },
    },
  },
});
