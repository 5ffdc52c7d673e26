/** A value of Cedar's JSON; a whole number beyond 2^53 is a bigint, which its writer has to write as digits. */
export type CedarValue =
  | boolean
  | number
  | bigint
  | string
  | readonly CedarValue[]
  | { readonly [attribute: string]: CedarValue | undefined };
export type CedarRecord = Readonly<Record<string, CedarValue>>;
