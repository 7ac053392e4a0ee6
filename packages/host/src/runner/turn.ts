import type { LaneFindings, PassReport } from '@tidelock/engine';
import { markFailed, traced } from '../tracing.ts';
import type { TurnCounts } from './events.ts';
import { restBeforeFirst } from './first-sync.ts';
import { type Attached, labelOf, type Machine } from './machine.ts';
import type { ReadyLane } from './ready.ts';

/** What keeps a mailbox off is looked at again after this long (milliseconds). */
const BLOCKED_MS = 900_000;
/** A paused one is looked at, in case another configuration ended its pause. */
const PAUSED_MS = 300_000;
const UNTOLD_MS = 60_000;
/** A lane that says it has more to do and does nothing waits longer each time. */
const SPIN = { from: 4, firstMs: 1_000, mostMs: 60_000 };

const countsOf = ({ counts }: PassReport): TurnCounts => {
  const { created, updated, deleted, linked, conflicts } = counts;
  return { created, updated, deleted, linked, conflicts };
};

const attributesOf = (counts: TurnCounts): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`tidelock.${name}`, count]));

const sumOf = ({ created, updated, deleted, linked }: TurnCounts): number =>
  created + updated + deleted + linked;

/** Says once why a mailbox takes no part, and again when the reason is another one. */
export function tellBlocked(on: Machine, found: readonly LaneFindings[]): void {
  for (const { laneId, findings } of found) {
    const block = findings.find(({ severity }) => severity === 'block');
    if (block === undefined) {
      on.blocked.delete(laneId);
      continue;
    }
    if (on.blocked.get(laneId) === block.text) continue;
    on.blocked.set(laneId, block.text);
    on.tally.add('errors', ['blocked']);
    on.feed.publish({
      ...{ type: 'error', laneId, label: labelOf(on, laneId), kind: 'blocked', message: block.text },
      ...{ remedy: block.remedy ?? null, retryAt: on.clock.now() + BLOCKED_MS },
    });
  }
}

async function isReady(on: Machine, { scheduled }: Attached, laneId: string): Promise<boolean> {
  const { engine } = scheduled;
  if (engine.isReady(laneId)) return true;
  const found = await engine.prepare({ only: [laneId] });
  tellBlocked(on, found);
  if (engine.isReady(laneId)) return true;
  await on.state.deferLanes([laneId], on.clock.now() + BLOCKED_MS);
  return false;
}

function tellItems(on: Machine, { laneId, done, counts, held }: PassReport): void {
  const label = labelOf(on, laneId);
  for (const { linkId, side, op, title, changes, rule, conflicts } of done) {
    on.tally.add('writes', [side, op]);
    const fields = changes.map(({ field }) => field);
    on.feed.publish({ type: 'item', laneId, label, linkId, side, op, title, fields, rule, conflicts });
  }
  if (counts.conflicts > 0) on.tally.add('conflicts', [], counts.conflicts);
  if (counts.reviews > 0) {
    on.tally.add('reviews', [], counts.reviews);
    on.feed.publish({ type: 'review.opened', laneId, label, count: counts.reviews });
  }
  if (held === null && counts.withheld === 0) return;
  on.tally.add('held', [], (held?.count ?? 0) + counts.withheld);
  const hash = held?.hash ?? null;
  on.feed.publish({
    type: 'hold',
    laneId,
    label,
    deletes: held?.count ?? 0,
    hash,
    withheld: counts.withheld,
  });
}

async function afterFailure(on: Machine, { laneId, error }: PassReport): Promise<void> {
  if (error === null) return;
  const now = on.clock.now();
  const [row] = await on.state.lanes([laneId]);
  const retryAt = row === undefined ? now : row.dueAt;
  on.notBefore.set(laneId, retryAt);
  on.circuit.failed(laneId, error.kind, now);
  on.tally.add('errors', [error.kind]);
  const { kind, message, remedy } = error;
  on.feed.publish({ type: 'error', laneId, label: labelOf(on, laneId), kind, message, remedy, retryAt });
}

/** A lane with more to do goes on with its next turn; one that only says so is not asked again and again. */
function goOn(on: Machine, report: PassReport): void {
  const { laneId, cut, backlog, more, waitMs } = report;
  if (cut || backlog) on.cut.add(laneId);
  const idle = !cut && sumOf(countsOf(report)) === 0;
  const spins = idle ? (on.spins.get(laneId) ?? 0) + 1 : 0;
  if (!cut && (!more || waitMs > 0)) {
    on.spins.delete(laneId);
    return;
  }
  on.spins.set(laneId, spins);
  if (spins < SPIN.from) {
    on.again.add(laneId);
    return;
  }
  const wait = Math.min(SPIN.mostMs, SPIN.firstMs * 2 ** (spins - SPIN.from));
  on.notBefore.set(laneId, on.clock.now() + wait);
}

async function afterTurn(on: Machine, report: PassReport): Promise<void> {
  const { laneId, status } = report;
  const now = on.clock.now();
  tellItems(on, report);
  switch (status) {
    case 'failed':
      return afterFailure(on, report);
    case 'paused':
      return on.state.deferLanes([laneId], now + PAUSED_MS);
    case 'untold':
      on.untold.add(laneId);
      return on.state.deferLanes([laneId], now + UNTOLD_MS);
    case 'busy':
      return;
    case 'done':
      on.circuit.succeeded();
      on.notBefore.delete(laneId);
      goOn(on, report);
  }
}

const OUTCOME = { done: 'done', failed: 'failed', paused: 'paused', busy: 'busy', untold: 'waits' } as const;

/** One turn of one lane, from what it needs to what it says. Throws nothing that a lane can cause. */
export async function turn(on: Machine, at: Attached, lane: ReadyLane): Promise<void> {
  const { laneId } = lane;
  const info = at.lanes.get(laneId);
  if (info === undefined || !(await isReady(on, at, laneId))) return;
  await restBeforeFirst(on, laneId);
  const label = info.label;
  const began = on.clock.mono();
  // An idle look at a mailbox is no news.
  const told = lane.turn !== 'regular';
  if (told) on.feed.publish({ type: 'run.started', laneId, label });
  on.cut.delete(laneId);
  const poll = on.pushes.mailbox(info) ? at.pace.pushedMailbox : at.pace.mailbox;
  const others = on.ready.size + on.running.size - 1;
  const how = { only: [laneId], shared: false, others, poll };
  const report = await traced('turn', { attributes: { 'tidelock.lane': laneId } }, async (span) => {
    const [of] = await at.scheduled.engine.round(how);
    if (of === undefined) return;
    span.setAttributes({ 'tidelock.outcome': OUTCOME[of.status], ...attributesOf(countsOf(of)) });
    if (of.error !== null) markFailed(span, of.error.kind);
    return of;
  });
  if (report === undefined) return;
  const outcome = OUTCOME[report.status];
  on.tally.add('passes', [outcome]);
  await afterTurn(on, report);
  const counts = countsOf(report);
  if (!told && sumOf(counts) === 0 && report.status !== 'failed') return;
  const ms = Math.round(on.clock.mono() - began);
  const more = report.more || report.cut;
  on.feed.publish({ type: 'run.ended', laneId, label, outcome, counts, more, ms });
}
