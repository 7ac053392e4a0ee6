export {
  type ApplyReport,
  type LaneFates,
  type PassReport,
  type PlanItem,
  type RowFate,
  type Sentence,
  SIDE_NAME,
  sayCause,
  sayInstant,
  sayScopeRule,
  sayValue,
  titleOf,
  type UndoItem,
  type UndoMode,
} from '@tidelock/engine';
export { type Access, createAccess, type SignInWays } from './access/access.ts';
export type { NewToken, TokenInfo } from './access/api-tokens.ts';
export { type Caller, clientAddress } from './access/caller.ts';
export type { Invitation } from './access/invitations.ts';
export { accessOver, type OpenAccess, openAccess } from './access/open-access.ts';
export { CSRF_HEADER } from './access/own-request.ts';
export type { AccessParts } from './access/parts.ts';
export { RETURN_PATH } from './access/provider-sign-in.ts';
export { type AccessCode, AccessRefusal } from './access/refusal.ts';
export { BACKGROUND_HEADER, type NewSession, type SignedIn } from './access/sessions.ts';
export type { UserInfo } from './access/users.ts';
export { type OpenAccount, openAccount } from './account.ts';
export {
  type AdapterInfo,
  type FoundAdapter,
  findAdapters,
  type LoadedAdapter,
  type LoadedAdapters,
  loadAdapters,
} from './adapters.ts';
export type { Administration, AuditQuery } from './administration.ts';
export type { Lock, Unlock } from './backup/archive.ts';
export { type BackupReport, createBackup } from './backup/create.ts';
export { type RestoreReport, restoreBackup } from './backup/restore.ts';
export { type CheckResult, checksOf } from './check-result.ts';
export { createPlatform } from './composition.ts';
export { type Config, loadConfig, loadMapping, type MailboxChoice, SLOTS, type Slot } from './config.ts';
export { type ConfigInput, ConfigSchema, configJsonSchema } from './config-schema.ts';
export { type LoadedConformance, loadConformance } from './conformance.ts';
export { type ConnectionTrouble, readStanding, type Standing } from './connection-trouble.ts';
export type { DisconnectOptions, DisconnectReport } from './consent/disconnect.ts';
export { createDoor, type Door } from './consent/door.ts';
export type { ConsentFlow, Visitor } from './consent/flow.ts';
export type { HttpHandler } from './consent/handler.ts';
export type { Stage } from './consent/stages.ts';
export { MAIN_CRM } from './crm-connections.ts';
export type { CrmService, CrmSetup, PushAnswer } from './crm-service.ts';
export type { Candidate } from './editing/candidate.ts';
export {
  type Change,
  type ConfigEditor,
  type ConfigText,
  createConfigEditor,
  type EditOptions,
  type Saved,
} from './editing/config-editor.ts';
export type { KeptConfiguration } from './editing/kept-files.ts';
export { lensProblems } from './editing/lens-laws.ts';
export {
  type Catalogues,
  type MappingPreview,
  type PreviewField,
  previewMapping,
  readCatalogues,
} from './editing/mapping-desk.ts';
export { type Edit, editYaml } from './editing/yaml-edit.ts';
export type { ExplainedItem, ExplainQuery, Explanation } from './explain.ts';
export { hardenProcess, type Weakness, weaknesses } from './hardening.ts';
export type { Job, JobFailure, JobProgress, JobState, Jobs } from './jobs/jobs.ts';
export type { MailboxTrouble, PlanMade } from './jobs/make-plan.ts';
export { whenFree } from './jobs/patience.ts';
export type { PlanApplied, PlanDesk } from './jobs/plan-desk.ts';
export type { PlanMeta } from './jobs/plan-store.ts';
export { createWorkroom, hashOfUndo, type Synced, type Workroom } from './jobs/workroom.ts';
export type { Canary } from './keys/canary.ts';
export type { KeyLeft, KeyStage } from './keys/countdown.ts';
export { type LaneInfo, TENANT } from './lanes.ts';
export {
  type CrmDescription,
  type CrmTrial,
  crmAdaptersInstalled,
  describeCrm,
  tryCrm,
} from './live/crm-trial.ts';
export { followConfiguration } from './live/follow.ts';
export type { Foundation } from './live/foundation.ts';
export { type LivePlatform, openLivePlatform } from './live/live-platform.ts';
export { listKeys, putSecret, withSigning } from './live/live-signing.ts';
export { type Loopback, listenOnLoopback } from './loopback.ts';
export { keepMemoryLow } from './memory.ts';
export type { Moved, MoveReport } from './move-secrets.ts';
export {
  type Connections,
  type ConnectionsOptions,
  type ConnectPages,
  openConnections,
} from './open-connections.ts';
export { type OpenKeys, openKeys } from './open-keys.ts';
export { type OpenSecrets, openSecrets } from './open-secrets.ts';
export { type KeyPairInfo, openSigning, type Rotation, type Signing } from './open-signing.ts';
export {
  hashOfPlan,
  PLAN_MAX_AGE_DAYS,
  PLAN_VERSION,
  type PlanFile,
  type PlannedLane,
} from './plan-format.ts';
export { readPlan, requireKnown } from './plan-reader.ts';
export { writePlan } from './plan-writer.ts';
export type {
  ActingOptions,
  ActingPlatform,
  Platform,
  PlatformOptions,
  PlatformOverrides,
} from './platform.ts';
export type { PlatformFinding } from './platform-finding.ts';
export { type PreparedEngine, prepareEngine } from './prepared-engine.ts';
export type { Profile } from './profiles/effective.ts';
export { listMembers, type Member } from './profiles/members.ts';
export type { RosterEntry } from './profiles/roster.ts';
export type { Hinted } from './push/hints.ts';
export type { HookAnswer } from './push/hook-answer.ts';
export { openPush, type Push, type PushOptions, type PushStatus } from './push/push.ts';
export type { ReachReport, ReachRow } from './reach/proof.ts';
export { formatReach, type ReachFormat, sayVerdict } from './reach/report.ts';
export type { ReachVerdict } from './reach/verdict.ts';
export { answerQuestion, pickQuestion, requireAnswer } from './reviews/decide.ts';
export { type NamedRecord, type OpenQuestion, openQuestions, withNames } from './reviews/open-questions.ts';
export {
  ANSWER_EFFECT,
  ANSWERS,
  answerCommand,
  QUESTION_HEADING,
  QUESTION_TEXT,
  type QuestionKind,
} from './reviews/questions.ts';
export {
  createEventFeed,
  type EventFeed,
  type FeedEvent,
  type Happening,
  type HappeningType,
  type TurnCounts,
} from './runner/events.ts';
export type { RunnerHealth } from './runner/health.ts';
export type { Lag } from './runner/jobs.ts';
export type { PlatformSource, Pushes } from './runner/machine.ts';
export { createRunner, type Runner, type RunnerOptions } from './runner/runner.ts';
export { sourceOf } from './runner/source.ts';
export { COUNTS, type CountName, type Tally } from './runner/tally.ts';
export { type EraseReport, eraseTenant } from './sealing/erase.ts';
export { createFieldSealer, type DataKey, type FieldPlace, type FieldSealer } from './sealing/field-seal.ts';
export type { RewrapReport } from './sealing/rewrap.ts';
export { sealSyncState } from './sealing/sealed-state.ts';
export type { LaneStatus } from './status.ts';
export { createSystemClock, createSystemRandom } from './system.ts';
export type { LaneUndo, UndoChoice, UndoFound, UndoQuery, UndoScope } from './take-back.ts';
export {
  createTraffic,
  REQUEST_OUTCOMES,
  type RequestCount,
  type RequestOutcome,
  type Traffic,
} from './traffic.ts';
export type { RunsQuery, Trail, TrailQuery, TrailRow, TrailRun } from './trail.ts';
export { isUnreadable } from './unreadable.ts';
export { driftWords } from './words/say-drift.ts';
export { headingOf, PLAN_ACTIONS } from './words/say-plan.ts';
export { type PassTrouble, sayTroubles } from './words/say-report.ts';
export {
  type StatusNote,
  sayKeyLeft,
  sayNextTry,
  sayNotes,
  saySince,
  sayState,
  type Tone,
  wantsKey,
  wantsPerson,
} from './words/say-status.ts';
export { UNDO_MODE, type UndoCounts, undoCounts, undoLines } from './words/say-undo.ts';
export { plural, sayDuration, sayRule } from './words/words.ts';
