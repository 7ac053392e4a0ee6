export { type ConflictAnswer, heldFieldOf } from './answers.ts';
export type { ApplyReport } from './apply.ts';
export type { Fate, LaneFates, Obstacle, RowFate } from './approval.ts';
export { createApproval } from './approval.ts';
export { type BrakeInput, type BrakeResult, brake } from './brake.ts';
export { BREAKER, isSystemic } from './breaker.ts';
export {
  type Contents,
  createContents,
  createRecordCache,
  type Overflow,
  type RecordCache,
} from './cache.ts';
export { nextPollMs, type Poll, retryMs } from './cadence.ts';
export { type Canon, createCanon } from './canonical.ts';
export { canonicalJson } from './canonical-json.ts';
export { type Divergence, divergences, isAudited } from './compare.ts';
export { createDesk, type Desk } from './desk.ts';
export { drive, type World } from './drive.ts';
export type { Core, Effect, Progress } from './effect.ts';
export { createEngine, type Engine, type RoundOptions } from './engine.ts';
export type { EngineOptions } from './engine-options.ts';
export {
  createExpandingStore,
  type EventProperties,
  type ExpandOptions,
  eventProperties,
  expandFor,
} from './expand.ts';
export { blockingKeys, type Features, featuresOf, type Score, scorePair } from './features.ts';
export { type Ingested, ingestFeed } from './ingest.ts';
export { type Counts, emptyCounts, type Lane, type Pass } from './lane.ts';
export type { LaneFindings, Replaced } from './lane-set.ts';
export {
  type CompiledMapping,
  compileMapping,
  getFields,
  type MappedField,
  putFields,
  withRequired,
} from './lens.ts';
export type { LinkPlan, Seen } from './link-plan.ts';
export { createMailLedger, type MailLedger } from './mail-spent.ts';
export {
  type Candidate,
  LINK_AT,
  type MatchResult,
  matchRecords,
  type PairDecision,
  pairKey,
  REVIEW_AT,
} from './match.ts';
export { mergeRecord, unchanged } from './merge.ts';
export type { FieldChange, MergeInput, MergeResult } from './merge-draft.ts';
export { ingestNamed } from './named.ts';
export { createInvitingStore, createUninvitingStore, type NewPeopleOptions } from './new-people.ts';
export { type Candidate as OscillationCandidate, OSCILLATION, oscillates } from './oscillation.ts';
export { type PassOptions, pass } from './pass.ts';
export type { PassReport } from './pass-report.ts';
export { planLink } from './plan.ts';
export type { PlanItem, RecordRef, Risk } from './plan-item.ts';
export {
  type BrakePolicy,
  CALL_POLICY,
  DEFAULT_POLICY,
  type EventPolicy,
  type LanePolicy,
  LEASE,
  MAIL_POLICIES,
  type MailPolicy,
} from './policy.ts';
export type { LaneConfig } from './prepare-lane.ts';
export { auditDueAt, LOOK_AGAIN_MS, startOf } from './scan.ts';
export { isScoped, type LaneScope, outsideOf, sayScopeRule } from './scope.ts';
export { type Done, titleOf } from './sending.ts';
export { type Sentence, SIDE_NAME, sayCause, sayInstant, sayValue } from './sentence.ts';
export type { Named, SharedQuery, SharedReading } from './shared-feeds.ts';
export { stampOf, uuidV5 } from './stamp.ts';
export type { SyncReport } from './sync.ts';
export { mergeSet, mergeText } from './text-merge.ts';
export {
  type Candidate as TurnCandidate,
  inTurn,
  type Quantum,
  quantumOf,
  type TurnClass,
  turnOf,
} from './turns.ts';
export { type UndoReport, type UndoRequest, undo } from './undo.ts';
export type { UndoTarget } from './undo-pairs.ts';
export type { UndoMode } from './undo-plan.ts';
export type { UndoItem } from './undo-report.ts';
export { createVeiledStore, type VeilOptions } from './veil.ts';
export { type WhyInput, why } from './why.ts';
export { type FieldStep, fieldStep, sayStep, whyField, whyHeldValues } from './why-field.ts';
export { type WhySuspectInput, whySuspect } from './why-suspect.ts';
