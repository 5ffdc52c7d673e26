/** What an export was made from. */
export interface ExportHeader {
  /** The hash that records carry. */
  readonly policy: string;
  readonly mode: "enforce" | "shadow";
  /** Undefined: without a site. */
  readonly site?: string;
  /** RFC 3339. */
  readonly time: string;
}
