/** Reads a versioned YAML or JSON file against a schema; every error knows file:line:column. */
export { didYouMean } from "./did-you-mean.ts";
export { notYet } from "./not-yet.ts";
export { DocumentError, type Problem } from "./problem.ts";
export { type Path, readDocument, type SourceDocument } from "./read.ts";
