import type { Review, Secrets, StatePort } from '@tidelock/core';
import type { Administration } from './administration.ts';
import { answerReview } from './answer-review.ts';
import { TENANT } from './lanes.ts';
import type { Platform } from './platform.ts';
import { proveReach, type ReachParts, type ReachReport } from './reach/proof.ts';
import { type RewrapReport, rewrapDataKeys } from './sealing/rewrap.ts';
import { takeBack, type UndoContext } from './take-back.ts';

/** Acts of the platform, each with its row in the audit trail. */
export type Recorder = Pick<Administration, 'record'>;

export async function recordedUndo(
  administration: Recorder,
  context: UndoContext,
  { scope, how }: { scope: Parameters<Platform['undo']>[0]; how: Parameters<Platform['undo']>[1] },
): ReturnType<Platform['undo']> {
  const reports = await takeBack(context, scope, how);
  for (const { laneId, mailbox, items } of how.preview ? [] : reports) {
    const after = { mode: how.mode, items: items.length };
    await administration.record({ act: 'undo', subject: mailbox, laneId, before: null, after });
  }
  return reports;
}

export async function recordedRewrap(
  administration: Recorder,
  { secrets, state }: { readonly secrets: Secrets; readonly state: StatePort },
  how: { readonly rotate: boolean },
): Promise<RewrapReport> {
  const of = [...new Set([TENANT, ...(await state.tenants.tenants()).map(({ id }) => id)])];
  const report = await rewrapDataKeys({ tenants: state.tenants, secrets, of }, how);
  const act = { act: 'keys.rewrapped', subject: 'data-keys', laneId: null, before: null };
  await administration.record({ ...act, after: { ...how, ...report } });
  return report;
}

export async function recordedReach(
  administration: Recorder,
  parts: ReachParts,
  outside: readonly string[] | undefined,
): Promise<ReachReport> {
  const report = await proveReach(parts, outside);
  const { asIntended, counts, findings } = report;
  const after = { asIntended, ...counts, findings: findings.map(({ code }) => code) };
  await administration.record({
    act: 'reach.proved',
    subject: 'mailboxes',
    laneId: null,
    before: null,
    after,
  });
  return report;
}

export async function recordedAnswer(
  administration: Recorder,
  { review, decision }: { review: Review; decision: string },
  of: Parameters<typeof answerReview>[2],
): Promise<void> {
  await answerReview(review, decision, of);
  const before = { kind: review.kind, decision: review.decision };
  const about = { act: 'review.decided', subject: review.id, laneId: review.laneId };
  await administration.record({ ...about, before, after: { decision } });
}
