/** What a format says besides the record itself. */
export interface ExportContext {
  /** Id of the log: with `seq` it names a record among all logs. */
  readonly log: string;
  /** Version of the program that exports. */
  readonly version: string;
  /** Where clients reached the gateway, for formats that want an address there: the record has none. */
  readonly responder?: { readonly address: string; readonly port: number } | undefined;
}
