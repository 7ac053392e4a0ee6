export {
  ACCESS_ROLES,
  type AccessRole,
  type AccessStore,
  type ApiTokenRow,
  type SessionRow,
  type TicketRow,
  type UserChange,
  type UserRow,
} from './access-store.ts';
export {
  type AdapterManifest,
  CONTRACTS,
  type ContextOf,
  type ContractId,
  type ContractName,
  defineAdapter,
  type PortOf,
  parseContract,
} from './adapter.ts';
export { type DayNumber, type DayParts, dayOf, formatDay, parseDay, partsOf } from './calendar/day.ts';
export {
  ATTENDEE_RESPONSES,
  ATTENDEE_ROLES,
  type Attendee,
  type EventTime,
  type EventValue,
  type EventWindow,
  type Exception,
  OCCURRENCE_FIELDS,
  type OccurrenceField,
  type Occurrences,
  type People,
  type Recurrence,
  WEEK_INDEXES,
  WEEKDAYS,
  type Weekday,
  type WeekIndex,
} from './calendar/event.ts';
export { canonicalRecurrence, recurrenceDays, recurrenceFault } from './calendar/recurrence.ts';
export { parseRrule, type RruleResult, toRrule } from './calendar/rrule.ts';
export {
  boundsOf,
  expandSeries,
  hasOccurrence,
  inZone,
  isAllDay,
  type Occurrence,
  occurrenceKey,
  reanchor,
  type Series,
  seriesEnd,
} from './calendar/series.ts';
export { canonicalZone, formatWall, parseWall, toInstant, toWall } from './calendar/zone.ts';
export type {
  Conformance,
  ConformanceAccount,
  ConformanceCase,
  ConformanceFault,
  ConformanceSuite,
} from './conformance.ts';
export type { ConsentPort, ConsentProof, SignedIn, SignInReply, SignInStart, TokenLook } from './consent.ts';
export type { AdapterContext, Clock, Fetch, LogData, Logger, Random } from './context.ts';
export type {
  CrmPort,
  CrmScope,
  CrmUser,
  PushedRecord,
  PushRequest,
  PushVerdict,
  SetupOptions,
  SetupStep,
} from './crm.ts';
export {
  AdapterError,
  type AdapterErrorDetails,
  ERROR_KINDS,
  type ErrorKind,
  InputError,
  isAdapterError,
  type Party,
  type Problem,
} from './errors.ts';
export type {
  ConflictRow,
  HistoryCause,
  HistoryRow,
  Intent,
  IntentOp,
  Review,
  ReviewKind,
  RunRow,
  WriteOrigin,
} from './journal.ts';

export {
  APPROVAL_LIFE_MS,
  APPROVALS_KEPT,
  type ApprovedDeletes,
  type FeedRow,
  type HeldDeletes,
  type LanePause,
  type LaneRow,
  type LaneSpec,
  type LaneSums,
  standing,
  type UndoOrder,
  withApproval,
} from './lane.ts';

export type { Link, LinkStatus, Mark, Quarantine, Side, SideRef, Suspect, SuspectWhy } from './link.ts';
export type {
  ContactScope,
  EventScope,
  Mailbox,
  MailboxPort,
  MailboxScope,
  NarrowingStep,
} from './mailbox.ts';
export {
  CONFLICT_POLICIES,
  DIRECTIONS,
  type FieldRule,
  FieldRuleSchema,
  type Mapping,
  type MappingInput,
  MappingSchema,
} from './mapping.ts';
export type {
  KnownSubscription,
  MailboxPush,
  PushedItem,
  PushJudgement,
  PushKind,
  Subscription,
  SubscriptionRequest,
} from './push.ts';
export type { PushState, SubscriptionKey, SubscriptionRow } from './push-state.ts';
export type {
  Address,
  FieldCatalogue,
  FieldSpec,
  Fields,
  FieldType,
  FieldValue,
  StoreRecord,
} from './record.ts';
export type {
  CallOptions,
  Change,
  ChangePage,
  EventCapabilities,
  Feed,
  Finding,
  FindingSeverity,
  Outcome,
  Probe,
  ReadResult,
  RecordPage,
  RecordStore,
  RejectCode,
  StoreCapabilities,
  Write,
  WriteNote,
} from './record-store.ts';
export { type ScopeRule, ScopeRuleSchema } from './scope.ts';
export type {
  Certificate,
  KeyStore,
  KeyWrapper,
  NewKeyPair,
  SecretAbilities,
  SecretStore,
  Secrets,
  SecretValue,
  SignatureAlgorithm,
  Signer,
} from './secrets.ts';
export type { StatePort } from './state.ts';
export type {
  DeleteCounts,
  FeedCommit,
  Guard,
  KnownRecords,
  LaneCommit,
  LaneCounts,
  Lease,
  LinkPut,
  LinkQuery,
  OpenIntents,
  OpenResult,
  SyncState,
} from './sync-state.ts';
export type {
  AssignmentRow,
  AuditEntry,
  AuditRow,
  ConnectionRow,
  DataKeyRow,
  ProfileRow,
  PublicKeyRow,
  TenantRow,
  TenantStore,
} from './tenant-store.ts';
export type { AccessToken, TokenHome, TokenProvider, TokenRequest } from './token.ts';
export { judgeTries, type Tries, type TryRule, type TryVerdict } from './tries.ts';
