/** Who is registered, which keys are out, and who was refused, as the HTTP API tells it. No secret is in any of it. */
export interface RegistryView {
  /** At most the first 1,000, by id. */
  identities(): Promise<Counted<"identities", IdentityView>>;
  /** At most the newest 1,000, the newest last. */
  keys(): Promise<Counted<"keys", KeyView>>;
  /** The newest `limit`, the newest first. */
  refusals(limit: number): Promise<readonly RefusalView[]>;
}

/** `total` says how many there are, shown or not. */
export type Counted<Name extends string, Item> = { readonly total: number } & {
  readonly [Key in Name]: readonly Item[];
};

export interface IdentityView {
  readonly id: string;
  readonly kind: "client" | "device" | "gateway";
  readonly role: string | null;
  readonly state: "issued" | "pending" | "approved" | "claimed" | "active" | "suspended" | "revoked" | "retired";
  readonly serial: string | null;
  /** When its certificate ends, ISO 8601; null without one. */
  readonly expires: string | null;
}

export interface KeyView {
  readonly id: string;
  readonly kind: "client" | "device" | "gateway";
  readonly roles: readonly string[];
  readonly state: string;
  readonly uses: number;
  readonly used: number;
  readonly name: string | null;
  readonly approval: string;
  readonly expires: string;
  /** In its last 30 days, of one made for longer. */
  readonly expiresInDays: number | null;
}

export interface RefusalView {
  readonly edge: number;
  readonly time: string;
  readonly reason: string;
  readonly correlation: string | null;
  readonly source: string | null;
  readonly key: string | null;
  readonly name: string | null;
}
