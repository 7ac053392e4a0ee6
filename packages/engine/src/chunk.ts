import type { Intent, Link, OpenResult, Outcome, Side, StoreRecord, Write } from '@tidelock/core';
import { permits } from './admission.ts';
import { letThrough } from './breaker.ts';
import { claimsOf } from './claims.ts';
import { compareLooked } from './compare.ts';
import { type Core, mono, now, state, store, uuid } from './effect.ts';
import { settleHolds } from './held-fields.ts';
import { commitIdle } from './idle.ts';
import { keepLease, type Pass } from './lane.ts';
import type { PlannedWrite } from './link-plan.ts';
import { lookUpFirst, noteRefusals } from './look-up.ts';
import { withholdMail } from './mail.ts';
import { breakOscillations } from './oscillation.ts';
import { rememberCopies } from './remember-copies.ts';
import { roomsIn } from './rooms.ts';
import { withholdDeletes } from './scope-wait.ts';
import { isSecondLook } from './second-look.ts';
import type { Sending } from './sending.ts';
import { commitOutcomes } from './settle.ts';
import { sortableId, stampOf } from './stamp.ts';
import { inputHash, WOULD_NOTIFY } from './withheld.ts';
import { completePlans, isGuarded, isStale, leftParked, type Work } from './work.ts';
import { originOf } from './write-history.ts';

function parked(link: Link, write: PlannedWrite, wall: number): boolean {
  const { quarantine } = link;
  // Whom a write reaches is asked anew each time: one that is still here reaches nobody, or may go by now.
  if (quarantine === null || quarantine.code === WOULD_NOTIFY || quarantine.inputHash !== inputHash(write))
    return false;
  return quarantine.nextAt === null || quarantine.nextAt > wall;
}

export function* intentFor(pass: Pass, work: Work, write: PlannedWrite): Core<Intent> {
  const { plan } = work;
  const wall = yield* now();
  const { spec, policy } = pass.lane;
  const stamp =
    write.op === 'create'
      ? stampOf({ laneId: spec.id, linkId: plan.link.id, side: write.side, inc: write.inc })
      : null;
  return {
    id: sortableId(wall, yield* uuid()),
    laneId: spec.id,
    linkId: plan.link.id,
    side: write.side,
    op: write.op,
    store: write.side === 'a' ? spec.storeA : spec.storeB,
    targetId: write.target?.id ?? `stamp:${stamp}`,
    fence: pass.guard.fence,
    version: write.target?.version ?? null,
    patch: write.patch,
    sent: write.sent,
    source: write.source,
    before: write.before,
    stamp,
    incarnation: write.inc,
    conflicts: write.conflicts,
    cause: plan.rule,
    origin: originOf(pass, work, write),
    runId: pass.runId,
    sentAt: wall,
    owner: write.op === 'create' && write.side === 'b' ? policy.createOwner : null,
    state: 'open',
    closedAt: null,
  };
}

export function toWrite(intent: Intent, target: StoreRecord | null, fresh: boolean): Write {
  if (intent.op === 'create') {
    const { stamp, patch: fields, source, owner } = intent;
    const base = { op: 'create' as const, stamp: stamp ?? '', fresh, fields, ...roomsIn(source) };
    return owner === null ? base : { ...base, owner };
  }
  if (target === null) throw new Error('an update or delete needs the record as read');
  const { id, version } = target;
  if (intent.op === 'delete') return { op: 'delete', id, version, current: target };
  return { op: 'update', id, patch: intent.patch, version, current: target, ...roomsIn(intent.source) };
}

/** Only a journal that can tell, and does not know the stamp, makes a create a first one. */
const isFresh = (intent: Intent, opened: OpenResult): boolean =>
  opened.repeated !== undefined && !opened.repeated.includes(intent.id);

/**
 * Whoever reads a feed may be another process, and may have told the pair of an edit since this pass asked for it. What was read from
 * before that must not be written where the store would let us (W0): the journal looks once more, in its own transaction.
 */
export function* journal(pass: Pass, sendings: readonly Sending[], wall: number): Core<OpenResult> {
  const intents = sendings.map((sending) => sending.intent);
  const claims = claimsOf(pass, intents);
  const reads = sendings.flatMap(({ write, intent: { id } }) =>
    write.target === null || isGuarded(pass, write) ? [] : [{ intentId: id, mono: write.target.mono }],
  );
  const opened = yield* state('openIntents', { guard: pass.guard, now: wall, intents, claims, reads });
  noteRefusals(pass, sendings, opened);
  return opened;
}

/**
 * The last look before the send (W2): the journal's transaction may have taken long. A read that is too old by now
 * voids its intent, and a lease that ran out ends the pass; its intents are settled by whoever has the lane. Whatever
 * is stored here takes time as well, so it looks until there is nothing to store.
 */
export function* stillGood(pass: Pass, sendings: readonly Sending[]): Core<readonly Sending[]> {
  let left = sendings;
  for (;;) {
    const at = yield* mono();
    const late = left.filter((sending) => isStale(pass, sending, at));
    if (late.length > 0) {
      const closed = late.map(({ intent }) => ({ id: intent.id, state: 'void' as const, conflicts: [] }));
      yield* state('commitLane', { guard: pass.guard, now: yield* now(), closed });
      pass.more = true;
      left = left.filter((sending) => !late.includes(sending));
    } else if (at >= pass.renewAt) yield* keepLease(pass, yield* now());
    else return left;
  }
}

/** Side B is written before side A. */
const LAST_SIDE: Side = 'a';

/** Sends one side's writes of a chunk: intents are durable first, every outcome is accounted for after. */
function* sendSide(pass: Pass, side: Side, items: readonly Work[]): Core<Sending[]> {
  if (pass.waiting.has(side)) {
    pass.more = true;
    return [];
  }
  if (items.length === 0) return [];
  const wall = yield* now();
  const at = yield* mono();
  const sendings: Sending[] = [];
  for (const work of letThrough(pass, side, items)) {
    const write = work.plan.writes.find((candidate) => candidate.side === side);
    if (write === undefined || isStale(pass, { work, write }, at)) continue;
    const last = side === LAST_SIDE || work.plan.writes.length === 1;
    sendings.push({ work, write, intent: yield* intentFor(pass, work, write), last });
  }
  pass.more ||= sendings.length < items.length && !pass.breakers.open.has(side);
  if (sendings.length === 0) return [];
  yield* rememberCopies(pass, sendings);
  yield* keepLease(pass, wall);
  const opened = yield* journal(pass, sendings, wall);
  const open = new Set(opened.opened);
  const sent = yield* stillGood(
    pass,
    sendings.filter((sending) => open.has(sending.intent.id)),
  );
  if (sent.length === 0) return [];
  const batch = sent.map(({ intent, write }) => toWrite(intent, write.target, isFresh(intent, opened)));
  const outcomes: readonly Outcome[] = yield* store(side, 'write', batch);
  return yield* commitOutcomes(pass, sent, outcomes);
}

function noteSecondLooks(pass: Pass, idle: readonly Work[], wall: number): void {
  for (const { plan } of idle) {
    const { quarantine } = plan.next;
    if (!isSecondLook(quarantine)) continue;
    pass.lookAgainMs = Math.max(pass.lookAgainMs, (quarantine?.nextAt ?? wall) - wall);
    pass.more = true;
  }
}

/** Everything that is to be done for the links of one chunk; answers the writes that took effect. Nothing of it is left open when it ends. */
export function* executeChunk(pass: Pass, planned: readonly Work[]): Core<Sending[]> {
  const at = yield* mono();
  yield* completePlans(pass, planned, at);
  const permitted = planned.filter((work) => !work.unread && permits(pass, work));
  const compared = yield* compareLooked(pass, permitted);
  yield* settleHolds(
    pass,
    compared.map((work) => work.plan),
  );
  yield* breakOscillations(pass, compared);
  // Also what was alive when the pass planned it, and was found gone right before it is written.
  const chunk = yield* withholdMail(pass, yield* withholdDeletes(pass, compared));
  const wall = yield* now();
  const skipped = chunk.filter((work) =>
    work.plan.writes.some((write) => parked(work.plan.link, write, wall)),
  );
  const idle = chunk.filter((work) => work.plan.reads.length === 0 && work.plan.writes.length === 0);
  yield* commitIdle(pass, [
    ...idle.map((work) => work.plan),
    ...skipped.map((work) => ({ ...work.plan, next: leftParked(pass.lane.mapping, work) })),
  ]);
  noteSecondLooks(pass, idle, wall);
  const busy = chunk.filter(
    (work) => work.plan.reads.length === 0 && work.plan.writes.length > 0 && !skipped.includes(work),
  );
  const free = yield* lookUpFirst(pass, busy);
  const made = yield* sendSide(
    pass,
    'b',
    free.filter((work) => work.plan.writes.some((write) => write.side === 'b')),
  );
  const failed = new Set(free.filter((work) => work.plan.writes.length > 1).map((work) => work.plan.link.id));
  for (const { intent } of made) failed.delete(intent.linkId);
  const onA = free.filter(
    (work) => !failed.has(work.plan.link.id) && work.plan.writes.some((write) => write.side === 'a'),
  );
  return [...made, ...(yield* sendSide(pass, 'a', onA))];
}
