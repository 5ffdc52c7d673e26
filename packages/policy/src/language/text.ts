import type { Because, Table, Transport } from "@modwarden/access";

/** A function code: `6`, or with its sub-function or MEI type `"8/1"`, `"43/14"`. */
export type FunctionText = number | string;
/** One number, or an inclusive range as text: `"1-4"`. */
export type RangeText = number | string;
/** `"*"` of a permit is every declared role; of a forbid it is everyone, also without a role. */
export type RolesText = "*" | readonly string[];

/** What an entry names: functions, or a point by its name, or all points with a label. */
export interface EntryText {
  readonly functions?: readonly FunctionText[] | undefined;
  readonly table?: Table | undefined;
  /** 0-based. Of function 24 the address of the FIFO. */
  readonly addresses?: readonly RangeText[] | undefined;
  /** Functions 20 and 21: file numbers, 1 to 65535. */
  readonly files?: readonly RangeText[] | undefined;
  /** Functions 20 and 21: record numbers within each of `files`, 0 to 9999. */
  readonly records?: readonly RangeText[] | undefined;
  readonly read?: string | LabelText | undefined;
  readonly write?: string | LabelText | undefined;
  /** Limits are in the engineering units of a point; of a functions entry they are raw u16. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly values?: readonly number[] | undefined;
  readonly mask?: number | undefined;
  /** How far a written value may be from the last known one. */
  readonly maxStep?: number | undefined;
  /** With `maxStep`: how far from every value within so many seconds before. */
  readonly perSeconds?: number | undefined;
  /** With `maxStep`: how old the last known value may be; an older one is read first. Default 5000. */
  readonly maxAgeMs?: number | undefined;
}
export interface LabelText {
  readonly label: string;
}

/** Whom a rule is about. Every key that is given has to fit, by any of its names. */
export interface SubjectsText {
  readonly roles?: RolesText | undefined;
  /** Identities of the registry. */
  readonly ids?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly kinds?: readonly SubjectKind[] | undefined;
}
export type SubjectKind = "client" | "device" | "gateway";

/** What has to be true of another point: `drive.status_word.alarm` is device, point and bit; without device the one asked. */
export interface InterlockText {
  readonly point: string;
  readonly equals?: number | boolean | undefined;
  readonly not?: number | boolean | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly values?: readonly number[] | undefined;
  /** How old what is known of it may be; the gateway reads it itself when it is older. */
  readonly maxAgeMs: number;
}

/** When a rule counts. Every key that is given has to hold. */
export interface WhenText {
  readonly transports?: readonly Transport[] | undefined;
  /** URLs of listeners, as the site file has them. */
  readonly listeners?: readonly string[] | undefined;
  /** Client networks. */
  readonly sources?: readonly string[] | undefined;
  readonly sites?: readonly string[] | undefined;
  readonly gateways?: readonly string[] | undefined;
  readonly zones?: readonly string[] | undefined;
  /** `"Mon-Fri 06:00-22:00"`, or several of which one has to hold. */
  readonly hours?: string | readonly string[] | undefined;
  /** IANA name of the time zone of `hours`. */
  readonly tz?: string | undefined;
  readonly interlock?: InterlockText | readonly InterlockText[] | undefined;
}

/** A bucket for each subject: it holds `burst` requests and fills at `requests` in `perSeconds`. */
export interface RateText {
  readonly requests: number;
  readonly perSeconds: number;
  /** Default `requests`. */
  readonly burst?: number | undefined;
}

/** Single use, bound to subject, point and value. */
export interface ApprovalText {
  readonly people: 1 | 2;
  /** `15m`: how long after it was asked for. */
  readonly ttl: string;
  /** The roles whose holders may approve; default: those that the rule permits. */
  readonly by?: readonly string[] | undefined;
}

export interface RuleText {
  readonly id: string;
  readonly permit?: SubjectsText | undefined;
  readonly forbid?: SubjectsText | undefined;
  /** Judged and recorded, and without effect on what happens. */
  readonly mode?: "enforce" | "shadow" | undefined;
  readonly units?: readonly RangeText[] | undefined;
  readonly devices?: readonly string[] | undefined;
  readonly allow?: readonly EntryText[] | undefined;
  readonly deny?: readonly EntryText[] | undefined;
  readonly when?: WhenText | undefined;
  readonly rate?: RateText | undefined;
  readonly approval?: ApprovalText | undefined;
}

/** One sub-request of function 20 (`quantity`) or 21 (`values`). */
export interface RecordText {
  readonly file: number;
  readonly record: number;
  readonly quantity?: number | undefined;
  readonly values?: readonly number[] | undefined;
}

/** What is known of a point: its value in engineering units, and how old that is (default 0). */
export type KnownText = number | boolean | { readonly value: number | boolean; readonly ageMs: number };

/** A request as a test of the file or a person describes it. */
export interface AskedText {
  /** A role; `null` is the NULL role. */
  readonly as: string | null;
  readonly unit?: number | undefined;
  readonly device?: string | undefined;
  /** Default `tls`. */
  readonly transport?: Transport | undefined;
  /** The client's address. */
  readonly from?: string | undefined;
  /** Who of the holders of the role; what the registry knows of them. */
  readonly id?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly kind?: SubjectKind | undefined;
  /** URL of the listener, as the site file has it. */
  readonly listener?: string | undefined;
  /** RFC 3339; default: no time is known. */
  readonly at?: string | undefined;
  /** Last values by point, `device.point` for those of another device. */
  readonly known?: Readonly<Record<string, KnownText>> | undefined;
  /** There is an approval for it. */
  readonly approved?: boolean | undefined;
  readonly records?: readonly RecordText[] | undefined;
  readonly function?: FunctionText | undefined;
  readonly address?: number | undefined;
  readonly quantity?: number | undefined;
  /** Of a point in its engineering units, or the name of an enumeration's value; of a function raw. */
  readonly value?: number | boolean | string | undefined;
  readonly values?: readonly number[] | undefined;
  readonly and?: number | undefined;
  readonly or?: number | undefined;
  /** A point, or the read half of function 23. */
  readonly read?: string | { readonly address: number; readonly quantity: number } | undefined;
  /** A point, or the write half of function 23. */
  readonly write?: string | { readonly address: number; readonly values: readonly number[] } | undefined;
}
export interface TestText extends AskedText {
  readonly expect: "permit" | "deny";
  readonly because?: Because | undefined;
}

export interface PolicyFile {
  readonly policy: 1;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
  readonly rules: readonly RuleText[];
  readonly tests: readonly TestText[];
}
