/** Something that is wrong with a site as a whole. `code` is stable. */
export class SiteError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SiteError";
    this.code = code;
  }
}
