/** A question that cannot be asked: what it describes is no request. */
export class AskedError extends Error {
  readonly code = "ERR_POLICY_QUESTION";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AskedError";
  }
}
