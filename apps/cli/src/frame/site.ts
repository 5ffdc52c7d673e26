/** The site that commands work on when none is named. */
export const DEFAULT_SITE = "site.yaml";
