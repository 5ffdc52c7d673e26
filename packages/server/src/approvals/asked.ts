import { z } from "zod";

/** What somebody wants to do: the keys of a question, as tests of a policy file and `policy explain` have them. */
export interface AskedApproval {
  /** Whose request it will be; whoever asks over the network asks for themselves. */
  readonly for?: string;
  readonly device?: string;
  readonly unit?: number;
  readonly read?: string | { readonly address: number; readonly quantity: number };
  readonly write?: string | { readonly address: number; readonly values: readonly number[] };
  readonly value?: number | boolean | string;
  readonly function?: number | string;
  readonly address?: number;
  readonly quantity?: number;
  readonly values?: readonly number[];
  readonly and?: number;
  readonly or?: number;
  readonly records?: readonly {
    readonly file: number;
    readonly record: number;
    readonly quantity?: number;
    readonly values?: readonly number[];
  }[];
  /** How it will come: default tls, or tcp for a client that has no certificate. */
  readonly transport?: "tcp" | "tls";
  readonly from?: string;
  readonly listener?: string;
}

const name = z.string().min(1).max(128);
const word = z.int().min(0).max(65_535);
const values = z.array(word).min(1).max(2_000);

export const askedApproval: z.ZodType<AskedApproval> = z.strictObject({
  for: name.exactOptional(),
  device: name.exactOptional(),
  unit: z.int().min(0).max(255).exactOptional(),
  read: z.union([name, z.strictObject({ address: word, quantity: z.int().min(1).max(125) })]).exactOptional(),
  write: z.union([name, z.strictObject({ address: word, values: z.array(word).min(1).max(121) })]).exactOptional(),
  value: z.union([z.number(), z.boolean(), z.string().max(250)]).exactOptional(),
  function: z.union([z.int().min(1).max(127), z.string().regex(/^\d{1,3}\/\d{1,5}$/)]).exactOptional(),
  address: word.exactOptional(),
  quantity: z.int().min(1).max(65_535).exactOptional(),
  values: values.exactOptional(),
  and: word.exactOptional(),
  or: word.exactOptional(),
  records: z
    .array(
      z.strictObject({
        file: z.int().min(1).max(65_535),
        record: z.int().min(0).max(9_999),
        quantity: z.int().min(1).max(125).exactOptional(),
        values: z.array(word).min(1).max(122).exactOptional(),
      }),
    )
    .min(1)
    .max(35)
    .exactOptional(),
  transport: z.enum(["tcp", "tls"]).exactOptional(),
  from: name.exactOptional(),
  listener: name.exactOptional(),
});
