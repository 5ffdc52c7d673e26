import type { ListStatus } from "../authority/lists.ts";
import type { Signer } from "../authority/signer.ts";
import type { CompanyAuthority } from "../external/authority.ts";

/** How the authority's keys are opened. */
export interface AuthorityOptions {
  /** Of issuing.key and root.key, where they are encrypted; new ones are encrypted under it. */
  readonly passphrase?: string;
  /** Holds the issuing key elsewhere. */
  readonly signer?: Signer;
  /** A company's authority that issues the certificates of clients and devices in place of the site's own. */
  readonly est?: CompanyAuthority;
}

export type { ListStatus } from "../authority/lists.ts";

/** One certificate of a chain of authorities. */
export interface AuthorityCertificate {
  readonly subject: string;
  readonly role: "issuing" | "between" | "root";
  readonly expires: string;
  readonly fingerprint: string;
  /** Where its key is: in the data folder, with a signer, or not here. */
  readonly key: "file" | "encrypted file" | "signer" | "elsewhere";
}

/** JSON of `authority show`. */
export interface AuthorityStatus {
  readonly pin: string;
  /** The present root (PEM). */
  readonly root: string;
  readonly certificates: readonly AuthorityCertificate[];
  /** Roots whose certificates are still about from before the present one: their pins. */
  readonly formerPins: readonly string[];
  readonly lists: readonly ListStatus[];
  /** Where a company's authority issues the certificates of clients and devices; null where the site's own does. */
  readonly external: { readonly url: string; readonly pins: readonly string[] } | null;
  /** What somebody should do something about, in a sentence each. */
  readonly warnings: readonly string[];
  /** Whether a certificate for a new issuing key was asked for and has not come. */
  readonly requested: boolean;
}

/** The certificate authority as whoever looks after it uses it. */
export interface AuthorityService {
  /** Roots (PEM) that certificates in use lead to, the present one first: what this site's servers trust. */
  readonly roots: readonly string[];
  /** Of them, those of a company's authority that issues leaves here (PEM). */
  readonly companyRoots: readonly string[];
  /**
   * A revocation list (PEM) for each authority of the chains; empty when one is missing, for then TLS would refuse
   * everybody. `show` says which.
   */
  lists(): readonly string[];
  /**
   * The same where an authority itself was revoked by the one above it, else empty: what the site's own TLS checks. The
   * certificates of holders are looked up in the registry at every connection, which knows sooner and knows whose it is.
   */
  listsAgainstAuthorities(): readonly string[];
  /** The list of the present root or issuing authority; undefined when there is none. */
  list(of: "root" | "issuing"): { readonly der: Uint8Array; readonly pem: string } | undefined;
  /** Calls `listener` when lists have changed; returns how to stop that. */
  onLists(listener: () => void): () => void;
  show(): AuthorityStatus;
  /** Makes a new issuing key (or takes the signer's) and returns the request (PEM) for its certificate. Error: ERR_AUTHORITY_KEY */
  request(name: string): Promise<string>;
  /**
   * Takes the certificate that was asked for, with the chain above it up to its root (PEM), and the revocation lists of
   * those authorities. The site issues under it from its next start on. Error: ERR_AUTHORITY_IMPORT
   */
  import(chain: string, lists?: string): Promise<{ readonly pin: string; readonly formerPin: string }>;
  /** Takes revocation lists (PEM) that were signed elsewhere. Error: ERR_AUTHORITY_IMPORT */
  acceptLists(lists: string): readonly ListStatus[];
  /** What is due: new lists, warnings of what ends. Every hour is often enough. Returns the new warnings, a sentence each. */
  maintain(): Promise<readonly string[]>;
}
