/** A closed set of causes. Callers branch on `code`, never on the sentence. */
export const approvalErrorCodes = [
  /** No approval that is open or recent has this id, or none that this person may see. */
  "ERR_APPROVAL_UNKNOWN",
  /** It was granted, denied, withdrawn or used already, or is void. */
  "ERR_APPROVAL_ENDED",
  /** Its time to live is over. */
  "ERR_APPROVAL_EXPIRED",
  /** Whoever asks does not approve. */
  "ERR_APPROVAL_OWN",
  /** One person approves once. */
  "ERR_APPROVAL_TWICE",
  /** Not a person whom a rule that is waited for names, or not the one who asked. */
  "ERR_APPROVAL_ROLE",
  /** Not the identity of somebody who is active here. */
  "ERR_APPROVAL_IDENTITY",
  /** It is permitted without. */
  "ERR_APPROVAL_NOT_NEEDED",
  /** The policy refuses it whatever people say. */
  "ERR_APPROVAL_REFUSED",
  /** As many are open as there may be, in all or of one who asks. */
  "ERR_APPROVAL_FULL",
  /** One who asks and says more than a person does. */
  "ERR_APPROVAL_THROTTLED",
  /** What is asked is not of the right form. */
  "ERR_APPROVAL_QUESTION",
  /** It could not be recorded, or the line did not take it: then nobody has approved anything. */
  "ERR_APPROVAL_VOID",
] as const;

export type ApprovalErrorCode = (typeof approvalErrorCodes)[number];

export class ApprovalError extends Error {
  readonly code: ApprovalErrorCode;

  constructor(code: ApprovalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ApprovalError";
    this.code = code;
  }
}
