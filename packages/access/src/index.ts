/** One attempt to do something: a request as six-tuple, and the Transaction that everything becomes. */
export { accessesOf, type Where } from "./accesses.ts";
export { operationOf } from "./operation.ts";
export type {
  Access,
  Because,
  Explanation,
  Finding,
  Location,
  Method,
  Operation,
  Outcome,
  Subject,
  Table,
  Transaction,
  Transport,
} from "./transaction.ts";
