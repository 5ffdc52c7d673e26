/** One device of the site file, and where its unit means it. */
export interface Reach {
  /** Its id in the registry. */
  readonly device: string;
  readonly unit: number;
  /** The listeners on which clients reach it. */
  readonly listeners: readonly string[];
  /** The line or address behind which it stands, with its unit there. */
  readonly bus: string;
}

/** What the registry has to know of the site that it belongs to. */
export interface SiteFacts {
  readonly site: string;
  readonly gateway: string;
  /** The policy in force: the version of its form, and its hash. */
  policy(): { readonly version: number; readonly hash: string };
  /** Where certificates are renewed; undefined while no enrolment endpoint listens. */
  url(): string | undefined;
  /** The devices that the site file lists. */
  reach(): readonly Reach[];
  /** Roles whose holders may approve enrolments. */
  readonly approvers: readonly string[];
  /**
   * Roles of which one has to stand behind every device and gateway that enrols over the network; none: whoever has a
   * key may enrol. Clients always come by their key alone.
   */
  readonly installers: readonly string[];
}
