/** Who is who: registration keys, certificate authority, enrolment, registry, revocation. */
export { changePassphrase } from "./authority/passphrase.ts";
export { signRootList } from "./authority/root-list.ts";
export type { Signer } from "./authority/signer.ts";
export { type VerifiedBundle, verifyBundle } from "./bundle/verify.ts";
export type { SignatureAlgorithm } from "./certificate/algorithm.ts";
export { fingerprintOf, isPin, spkiPin } from "./certificate/fingerprint.ts";
export type { IdentityKind } from "./certificate/issue.ts";
export { type Accepted, acceptInto, requestInto } from "./client/air-gap.ts";
export { approveWith, type Verdict } from "./client/approve.ts";
export { askAs } from "./client/ask.ts";
export { enrolFor } from "./client/carry.ts";
export { createRequest } from "./client/csr.ts";
export { type ClaimOptions, claimWith, type EnrolledIdentity, type EnrolOptions, enrolWith } from "./client/enrol.ts";
export { type LoadedIdentity, loadIdentity, saveIdentity } from "./client/folder.ts";
export { claimInto, enrolInto } from "./client/into.ts";
export { type KeepRenewedOptions, type KeptRenewed, keepRenewed } from "./client/keep-renewed.ts";
export {
  type RenewalExchange,
  type RenewalResult,
  type RenewOptions,
  renewInto,
} from "./client/renew.ts";
export { type LeakedKey, reportLeakTo } from "./client/report.ts";
export { encodeCrockford, foldCrockford } from "./crockford.ts";
export { handleEnrolment } from "./endpoint/handle.ts";
export {
  approverOf,
  type EndpointRequest,
  type EndpointResponse,
  json as endpointAnswer,
  type Routes as EndpointRoutes,
} from "./endpoint/route.ts";
export { type EnrolmentServer, type EnrolmentServerOptions, startEnrolmentServer } from "./endpoint/server.ts";
export { carriedRequest } from "./enrolment/carried.ts";
export { IdentityError, type IdentityErrorCode } from "./errors.ts";
export { certifyByEst, type EstAuthority } from "./est/client.ts";
export type { EnrolmentEventName, IdentityEvent, IdentityEventName, RefusalReason } from "./events.ts";
export { namedObjects } from "./fingerprint/compare.ts";
export { derivedKeys } from "./keys/batches.ts";
export { canonicalKey } from "./keys/canonical.ts";
export { type Batch, parseBatch } from "./keys/derive.ts";
export { type ImportEntry, importEntry, MAX_IMPORT, parseKeyImport } from "./keys/import-file.ts";
export {
  createKeyIssuer,
  formatKeyIssuer,
  type KeyIssuer,
  parseKeyIssuer,
  parseSigningKeyIssuer,
  type SigningKeyIssuer,
} from "./keys/issuer-file.ts";
export type { OfflineClaims } from "./keys/offline-claims.ts";
export {
  isOfflineKey,
  OFFLINE_KEY_PATTERN,
  type OfflineKeyOptions,
  parseOfflineKey,
  signOfflineKey,
  verifyOfflineKey,
} from "./keys/offline-key.ts";
export { checkTag, isIdentityId } from "./names.ts";
export {
  createRegistrationKey,
  formatKey,
  formatLabel,
  parseRegistrationKey,
  type RandomSource,
  REGISTRATION_KEY_PATTERN,
  type RegistrationKey,
} from "./registration-key.ts";
export { deviceDescription } from "./registry/device.ts";
export { needsServerCertificate } from "./server-certificate.ts";
export { openIdentity } from "./service.ts";
export type {
  Approver,
  Authenticity,
  AuthorityCertificate,
  AuthorityOptions,
  AuthorityService,
  AuthorityStatus,
  BatchListing,
  BatchOptions,
  Capabilities,
  ClaimedEnrolment,
  Confirmation,
  CreatedKey,
  DerivedKey,
  DeviceDescription,
  DeviceFingerprint,
  Enrolment,
  EnrolmentMethod,
  EnrolmentRequest,
  FingerprintDetails,
  HistoryEntry,
  IdentityDetails,
  IdentityListing,
  IdentityOptions,
  IdentityService,
  IdentityState,
  IdentityStory,
  ImportedKeys,
  ImportOptions,
  IssuerListing,
  IssuerTrust,
  KeyDetails,
  KeyListing,
  KeyListOptions,
  KeyOptions,
  LedgerImport,
  ListedDevice,
  ListStatus,
  ManyKeys,
  NewIdentity,
  OfferedRenewal,
  PendingEnrolment,
  Reach,
  RefusalExplanation,
  RefusalListing,
  RefusalQuery,
  RegistrationKeys,
  RenewalRequest,
  SerialRecord,
  ServerCertificate,
  ServerCertificateRequest,
  SiteFacts,
  SubjectChange,
  SubjectRecord,
  TagChange,
  TlsCredentials,
} from "./types.ts";
