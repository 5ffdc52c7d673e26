/** What the answer to a request looks like, as far as the request alone tells. */
export interface AnswerForm {
  /** Bytes of the PDU; 0 when only the answer tells. */
  readonly length: number;
  /** How many bytes at its beginning repeat the request. */
  readonly repeats: number;
}

const unknown: AnswerForm = { length: 0, repeats: 1 };

function told(length: number, repeats: number = 1): AnswerForm {
  return { length, repeats };
}

/** The form of the answer to the request PDU at `at` to `end`. MODBUS Application Protocol V1.1b3 § 6 */
export function answerForm(pdu: Uint8Array, at: number, end: number): AnswerForm {
  const quantity = (pdu[at + 3]! << 8) | pdu[at + 4]!;
  switch (pdu[at]) {
    case 1:
    case 2:
      return told(2 + Math.ceil(quantity / 8));
    case 3:
    case 4:
    case 23:
      return told(2 + 2 * quantity);
    case 5:
    case 6:
    case 21:
    case 22:
      return told(end - at, end - at);
    case 7:
      return told(2);
    case 8:
      return diagnosticsForm(pdu, at, end);
    case 11:
      return told(5);
    case 15:
    case 16:
      return told(5, 5);
    default:
      return unknown;
  }
}

/** Return query data repeats its request whole; of the other sub-functions some answer with a value of their own. § 6.8 */
function diagnosticsForm(pdu: Uint8Array, at: number, end: number): AnswerForm {
  const returnsQuery = pdu[at + 1] === 0 && pdu[at + 2] === 0;
  return told(end - at, returnsQuery ? end - at : 3);
}

/** Whether the response PDU has that form. An exception answers any request of its function. */
export function hasForm(
  form: AnswerForm,
  request: Uint8Array,
  requestAt: number,
  response: Uint8Array,
  at: number,
  end: number,
): boolean {
  if (response[at] === (request[requestAt]! | 0x80)) return true;
  if (form.length !== 0 && end - at !== form.length) return false;
  for (let index = 0; index < form.repeats; index += 1) {
    if (response[at + index] !== request[requestAt + index]) return false;
  }
  return true;
}
