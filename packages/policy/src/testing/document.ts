import type { PolicyDocument, PolicyFile } from "../index.ts";

/** Generated policies need no places in a file. */
export function documentOf(value: PolicyFile): PolicyDocument {
  return {
    value,
    file: "generated",
    problem: (path, message) => ({ message, line: 1, column: 1, path: path.join(".") }),
    fail: (path, message) => {
      throw new Error(`${path.join(".")}: ${message}`);
    },
  };
}
