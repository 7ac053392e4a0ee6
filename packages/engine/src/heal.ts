import type { Intent, Outcome, ReadResult, StoreRecord, Suspect, Write } from '@tidelock/core';
import { type Core, mono, now, state, store, uuid } from './effect.ts';
import { askAboutTwin, unasked } from './heal-mail.ts';
import { keepLease, type Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { isParted } from './link-plan.ts';
import { mappingVersion } from './mapping-version.ts';
import { PRE_READ_MS } from './policy.ts';
import { idOf, sortableId } from './stamp.ts';
import { type Twin, withRecord } from './stamped.ts';
import { rowsOfWrite } from './write-history.ts';

/** Cause of the writes of this file, in journal and history. */
export const HEALING = 'heal: twin';

/** Has nobody touched the record since it was created? What cannot be told counts as touched. */
function isUntouched(record: StoreRecord): boolean {
  if (record.modifiedBy === 'other') return false;
  return record.createdAt !== undefined && record.createdAt === record.modifiedAt;
}

type Cure =
  /** Nobody has touched the copy, and the one that the link names is alive: the copy goes. */
  | { readonly kind: 'delete'; readonly record: StoreRecord }
  /** It was edited: it becomes a record of its own, which a person is asked about. */
  | { readonly kind: 'release'; readonly record: StoreRecord }
  /** It carries another stamp, or none, by now. */
  | { readonly kind: 'stranger'; readonly record: StoreRecord }
  | { readonly kind: 'none' };

/**
 * What is to become of a copy, judged on a read of both records in one call. Pure. The first version of such a healer
 * deleted the survivor: it may act only on two different records that are both there.
 */
export function cureOf(
  twin: Twin,
  reads: { readonly kept: ReadResult | undefined; readonly copy: ReadResult | undefined },
  oursForMs = Number.POSITIVE_INFINITY,
): Cure {
  const { kept, copy } = reads;
  if (copy?.state !== 'found' || copy.id === twin.kept) return { kind: 'none' };
  const { record } = copy;
  if (record.stamp !== twin.suspect.stamp) return { kind: 'stranger', record };
  if (kept?.state !== 'found' && kept?.state !== 'out') return { kind: 'none' };
  const [made, first] = [record.createdAt, kept.record?.createdAt];
  const isLater = made !== undefined && first !== undefined && made - first > oursForMs;
  return isUntouched(record) && !isLater ? { kind: 'delete', record } : { kind: 'release', record };
}

/** Clocks, pauses and retries of services, beyond what they promise. */
const MARGIN_MS = 300_000;

/** Nothing of ours: whatever there is was made by somebody else. */
const NEVER = -1;

/** Servers say in whole seconds when a record was made. */
const SECOND_MS = 1_000;

interface Ours {
  /** How long after the record that stays a copy of our own can have been made, milliseconds. */
  readonly forMs: number;
  /** Wall clock when the last of the creates was settled: from then on the record that stays is there. */
  readonly settledAt: number;
}

/**
 * A copy of our own can have been made as long as we went on sending creates with that stamp, and they could land. A copy from
 * later is a person's, stamp included (AC-12). A create that was sent once can make two records where it is delivered twice:
 * before it is answered, or within the time in which a request lands at all. While none has its place, the record that stays
 * was made by somebody else, and its time says nothing.
 */
function oursFor(pass: Pass, { creates: sent, suspect, placed }: Twin): Ours {
  const ends = sent.map((intent) => intent.closedAt ?? intent.sentAt);
  const times = ends.concat(sent.map(({ sentAt }) => sentAt));
  const settledAt = Math.max(...ends);
  if (sent.length === 0) return { forMs: NEVER, settledAt };
  if (!placed) return { forMs: Number.POSITIVE_INFINITY, settledAt };
  const span = Math.max(...times) - Math.min(...times);
  const zombieMs = pass.lane.caps[suspect.side].zombieSeconds * 1_000;
  if (sent.length < 2) return { forMs: Math.min(span, zombieMs) + SECOND_MS, settledAt };
  return { forMs: span + zombieMs + MARGIN_MS, settledAt };
}

function* intentFor(
  pass: Pass,
  twin: Twin,
  { record, op }: { record: StoreRecord; op: 'delete' | 'update' },
): Core<Intent> {
  const { side } = twin.suspect;
  const { spec, mapping } = pass.lane;
  const wall = yield* now();
  return {
    id: sortableId(wall, yield* uuid()),
    laneId: spec.id,
    linkId: twin.link.id,
    side,
    op,
    store: side === 'a' ? spec.storeA : spec.storeB,
    targetId: record.id,
    fence: pass.guard.fence,
    version: record.version,
    patch: {},
    sent: {},
    source: {},
    before: op === 'delete' ? getFields(mapping, side, record) : {},
    stamp: null,
    incarnation: 0,
    conflicts: [],
    cause: HEALING,
    origin: { cause: null, mapping: mappingVersion(mapping), rules: {} },
    runId: pass.runId,
    sentAt: wall,
    owner: null,
    state: 'open',
    closedAt: null,
  };
}

const toWrite = (record: StoreRecord, op: 'delete' | 'update'): Write =>
  op === 'delete'
    ? { op, id: record.id, version: record.version, current: record }
    : { op, id: record.id, patch: {}, version: record.version, current: record, stamp: ownStamp(record.id) };

/** A stamp that no link knows: the record says of itself that it is nobody's copy. */
const ownStamp = (id: string): string => idOf('released', id);

/** The suspicion that stays after the write: none for a copy that is gone, an unknown record for one set free. */
function* account(pass: Pass, of: { intent: Intent; suspect: Suspect; outcome: Outcome }): Core<void> {
  const { intent, suspect, outcome } = of;
  if (outcome.status === 'unknown') return;
  const ok = outcome.status === 'ok';
  const wall = yield* now();
  const gone = ok && intent.op === 'delete';
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    closed: [{ id: intent.id, state: ok ? 'confirmed' : 'void', conflicts: [] }],
    settled: gone ? [suspect] : [],
    suspects: ok && !gone ? [{ ...suspect, stamp: null }] : [],
    history: ok ? rowsOfWrite(pass, intent, { shown: null, conflicts: [], at: wall, recovered: false }) : [],
  });
}

/** One journaled write, on a lease that holds and a read that is fresh (5.2). */
function* send(
  pass: Pass,
  twin: Twin,
  of: { record: StoreRecord; op: 'delete' | 'update'; readAt: number },
): Core<void> {
  const { record, op, readAt } = of;
  const { side } = twin.suspect;
  const intent = yield* intentFor(pass, twin, of);
  yield* keepLease(pass, yield* now());
  const opened = yield* state('openIntents', {
    guard: pass.guard,
    now: yield* now(),
    intents: [intent],
    claims: [],
  });
  if (opened.opened.length === 0) return;
  const { conditionalDelete, conditionalUpdate } = pass.lane.caps[side];
  const guarded = op === 'delete' ? conditionalDelete : conditionalUpdate;
  let at = yield* mono();
  while (at >= pass.renewAt) {
    yield* keepLease(pass, yield* now());
    at = yield* mono();
  }
  if (!guarded && at - readAt > PRE_READ_MS) {
    const closed = [{ id: intent.id, state: 'void' as const, conflicts: [] }];
    yield* state('commitLane', { guard: pass.guard, now: yield* now(), closed });
    return;
  }
  const [outcome = { status: 'unknown', kind: 'protocol' } as const] = yield* store(side, 'write', [
    toWrite(record, op),
  ]);
  yield* account(pass, { intent, suspect: twin.suspect, outcome });
}

/** A record of its own from here on, under a stamp of its own. Nobody gets mail for a stamp: there it keeps the one that it has. */
function* setFree(
  pass: Pass,
  twin: Twin,
  of: { readonly record: StoreRecord; readonly readAt: number },
): Core<Suspect | null> {
  const { suspect } = twin;
  if (unasked(pass, suspect.side, toWrite(of.record, 'update')) > 0) return { ...suspect, stamp: null };
  yield* send(pass, twin, { ...of, op: 'update' });
  return null;
}

function* remove(
  pass: Pass,
  twin: Twin,
  of: { readonly record: StoreRecord; readonly readAt: number },
): Core<void> {
  const people = unasked(pass, twin.suspect.side, toWrite(of.record, 'delete'));
  if (people === 0) yield* send(pass, twin, { ...of, op: 'delete' });
  else yield* askAboutTwin(pass, twin, people);
}

/** One of them, read with the one that stays. Answers it where it is nobody's twin any more. */
function* healOne(pass: Pass, twin: Twin): Core<Suspect | null> {
  const { suspect, kept } = twin;
  const readAt = yield* mono();
  const [first, second] = yield* store(suspect.side, 'read', [kept, suspect.id]);
  const ours = oursFor(pass, twin);
  const cure = cureOf(twin, { kept: first, copy: second }, ours.forMs);
  if (cure.kind === 'release') return yield* setFree(pass, twin, { record: cure.record, readAt });
  if (cure.kind === 'stranger') {
    const { stamp = null } = cure.record;
    const wall = yield* now();
    yield* state('commitLane', { guard: pass.guard, now: wall, suspects: [{ ...suspect, stamp }] });
  } else if (cure.kind === 'delete') yield* remove(pass, twin, { record: cure.record, readAt });
  else if (second?.state !== 'found' || !(yield* isAlone(pass, twin, { kept: first, ours })))
    yield* doubt(pass, twin, { kept: first, copy: second });
  else if (ours.forMs !== NEVER && isUntouched(second.record)) yield* takePlace(pass, twin);
  else return yield* setFree(pass, twin, { record: second.record, readAt });
  return null;
}

/**
 * Heals our own duplicates (5.7): two living records of one side with one stamp. Both are read again in one call; the
 * one that the link names stays. A preview only sees them, and an approved plan does not name them. Answers those that
 * are nobody's twins any more.
 */
export function* healTwins(pass: Pass, twins: readonly Twin[]): Core<Suspect[]> {
  const strangers: Suspect[] = [];
  if (pass.sketch !== null || pass.approval !== null) return strangers;
  const healed = new Set<string>();
  for (const twin of twins) {
    if (pass.waiting.has(twin.suspect.side)) continue;
    pass.more = true;
    // Which record stays may be another one by now: the next pass sees it.
    if (isParted(twin.link) && healed.has(twin.link.id)) continue;
    healed.add(twin.link.id);
    const stranger = yield* healOne(pass, twin);
    if (stranger !== null) strangers.push(stranger);
  }
  return strangers;
}

/**
 * The record that a parted link names is gone, and this is a late create of ours that nobody has touched: it stays in its
 * place, and gets no partner, which the pair was not to have any more (6.4).
 */
function* takePlace(pass: Pass, { suspect, link, creates }: Twin): Core<void> {
  const { side, id, keys = [] } = suspect;
  const placed = yield* withRecord(pass, suspect, { link, creates });
  yield* state('commitLane', {
    guard: pass.guard,
    now: yield* now(),
    links: [{ link: placed.link }],
    settled: [suspect],
    keys: [{ side, id, keys }],
    history: placed.history,
  });
}

interface Reads {
  readonly kept: ReadResult | undefined;
  readonly copy: ReadResult | undefined;
}

/**
 * A parted link does not care what becomes of its records: the one that it names may be gone, and the copy is set free, or
 * takes its place. An answer that may be older than that record says nothing.
 */
function* isAlone(
  pass: Pass,
  { link, suspect }: Twin,
  { kept, ours }: Pick<Reads, 'kept'> & { readonly ours: Ours },
): Core<boolean> {
  if (!isParted(link)) return false;
  const wall = yield* now();
  const lagMs = pass.lane.caps[suspect.side].lagSeconds * 1_000;
  return (kept?.state === 'gone' || kept?.state === 'merged') && wall - ours.settledAt >= lagMs;
}

/** One of the two is not there: which one is a question for the verification of the next pass. */
function* doubt(pass: Pass, { suspect, kept, link }: Twin, reads: Reads): Core<void> {
  const wall = yield* now();
  const suspects: Suspect[] = [];
  const isThere = (read: ReadResult | undefined): boolean =>
    read === undefined || read.state === 'found' || read.state === 'failed';
  if (!isThere(reads.copy)) suspects.push({ ...suspect, why: 'missing', at: wall });
  if (!isParted(link) && !isThere(reads.kept) && reads.kept?.state !== 'out') {
    const { side, feed, laneId } = suspect;
    suspects.push({ laneId, side, id: kept, why: 'missing', feed, mono: '', at: wall, seq: 0 });
  }
  if (suspects.length > 0) yield* state('commitLane', { guard: pass.guard, now: wall, suspects });
}
