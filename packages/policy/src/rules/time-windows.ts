/** Days and hours in one time zone, of which one window has to hold. */
export interface TimeWindows {
  /** As the file has them, for explanations. */
  readonly stated: readonly string[];
  readonly zone: string;
  /** `atMs` since 1970. */
  holds(atMs: number): boolean;
}
