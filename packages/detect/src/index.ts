/** What is unusual: findings about transactions. Pure; the clock is passed in. */
export { type ConformanceRule, conformanceFinding } from "./conformance.ts";
