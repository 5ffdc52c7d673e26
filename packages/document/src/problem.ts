/** One thing that is wrong in a file. `line` and `column` are 1-based; `path` is dotted. */
export interface Problem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** A file that cannot be used. The message has one line per problem, each starting with file:line:column. */
export class DocumentError extends Error {
  readonly code = "ERR_DOCUMENT";
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => `${file}:${problem.line}:${problem.column}: ${where(problem)}`).join("\n"));
    this.name = "DocumentError";
    this.file = file;
    this.problems = problems;
  }
}

function where(problem: Problem): string {
  return problem.path === "" || problem.message.includes(`"${problem.path.split(".").at(-1)}"`)
    ? problem.message
    : `${problem.path}: ${problem.message}`;
}
