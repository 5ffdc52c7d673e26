import type {
  BlamedWrite,
  BlameWanted,
  InclusionProof,
  KnownRegister,
  SearchQuery,
  SearchRange,
  StateWanted,
} from "@modwarden/audit";

/** What the log is asked, as it goes to the thread of the index. */
export type AuditQuestion =
  | { readonly kind: "search"; readonly query: SearchQuery; readonly range: SearchRange; readonly limit: number }
  | { readonly kind: "blame"; readonly wanted: BlameWanted }
  | { readonly kind: "state"; readonly wanted: StateWanted }
  | { readonly kind: "proof"; readonly seq: number };

export type AuditAnswer =
  | {
      readonly kind: "found";
      /** Records as they stand in the log. */
      readonly lines: readonly string[];
      /** Where to go on; null when that was all. */
      readonly next: number | null;
      readonly damaged: readonly number[];
    }
  | { readonly kind: "blamed"; readonly writes: readonly BlamedWrite[]; readonly next: number | null }
  | { readonly kind: "known"; readonly registers: readonly KnownRegister[] }
  /** Null: there is no such record, or no checkpoint covers it yet. */
  | { readonly kind: "proven"; readonly proof: InclusionProof | null }
  /** The index is still being made: it knows so many records. */
  | { readonly kind: "behind"; readonly records: number }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };
