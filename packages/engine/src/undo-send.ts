import type {
  HistoryCause,
  HistoryRow,
  Intent,
  Link,
  LinkPut,
  OpenResult,
  Outcome,
  Review,
  Side,
  StoreRecord,
} from '@tidelock/core';
import { intentFor, journal, stillGood, toWrite } from './chunk.ts';
import { type Answer, confirmedLink, reborn, withPartner } from './confirm.ts';
import { type Core, mono, now, state, store } from './effect.ts';
import { notLeftOut } from './freeze.ts';
import { historyRow, keepLease, type Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { otherSide, type PlannedWrite, refOf, type Seen, SIDES } from './link-plan.ts';
import { type Draft, keysOf } from './outcome.ts';
import { OBSOLETE } from './reopen.ts';
import type { Sending } from './sending.ts';
import { idOf } from './stamp.ts';
import { UNDO_RULE, type UndoPlan } from './undo-plan.ts';
import { rowsOfWrite } from './write-history.ts';

/** One pair of which something is taken back. */
export interface Undoing {
  plan: UndoPlan;
  /** The pair as it stands after what was confirmed so far. */
  link: Link;
  readonly seen: Readonly<Record<Side, Seen>>;
  /** The pair as it was left before anything was sent. */
  promised: Link;
  /** Monotonic instant of the reads. */
  readonly readAt: number;
  /** The newest step that each side's write takes back. */
  readonly causes: Readonly<Partial<Record<Side, HistoryCause>>>;
  /** `late`: not sent, because what it was planned on had become too old by then, or a feed has shown a newer one. */
  readonly results: Map<Side, 'done' | 'open' | 'changed' | 'gone' | 'refused' | 'late'>;
  /** What a store said when it refused. */
  message: string | null;
}

const ids = (link: Link, side: Side): string[] => [refOf(link, side)?.id].filter((id) => id !== undefined);

/** What a person is asked about a field that was taken back on one side only. */
function holdReview(pass: Pass, link: Link, of: { field: string; side: Side; wall: number }): Review {
  const where = of.side === 'a' ? 'mailbox' : 'CRM';
  return {
    id: idOf('undone', pass.lane.spec.id, link.id, of.field, pass.runId),
    laneId: pass.lane.spec.id,
    kind: 'conflict',
    linkId: link.id,
    aIds: ids(link, 'a'),
    bIds: ids(link, 'b'),
    score: null,
    reasons: [
      `"${of.field}" was undone in the ${where}, so the two sides differ; neither is written until one of them is edited or a person decides.`,
    ],
    decision: null,
    decidedAt: null,
    at: of.wall,
  };
}

/**
 * The pair as it must be if nothing more happens after the next request: fields held, records apart. Committed before
 * anything is sent, so that a process that dies in between leaves nothing that the next pass would repeat.
 */
function beforehand({ plan, link }: Undoing): Link {
  const creates = plan.writes.filter((write) => write.op === 'create').map((write) => write.side);
  const apart = plan.status === 'detached' || creates.length > 0;
  return {
    ...link,
    status: apart ? 'detached' : (plan.status ?? link.status),
    holds: [...new Set([...link.holds, ...plan.holds])],
    goneA: link.goneA || creates.includes('a'),
    goneB: link.goneB || creates.includes('b'),
  };
}

/** Commits what must hold whatever happens next. */
export function* promise(pass: Pass, items: readonly Undoing[]): Core<void> {
  const wall = yield* now();
  const reviews: Review[] = [];
  for (const item of items) {
    const side = item.plan.writes.find((write) => write.op === 'update')?.side ?? 'b';
    reviews.push(...item.plan.holds.map((field) => holdReview(pass, item.link, { field, side, wall })));
    item.link = beforehand(item);
    item.promised = item.link;
  }
  const links = items.map((item): LinkPut => {
    const again = item.plan.status === 'live' && item.plan.writes.length === 0;
    return again ? { link: item.link, mark: notLeftOut(item.link, SIDES) } : { link: item.link };
  });
  const history = items.flatMap((item) => statusRow(pass, item, wall));
  if (links.length > 0) yield* state('commitLane', { guard: pass.guard, now: wall, links, reviews, history });
}

/** Two records are joined or parted: history says so, so that it can be taken back as well. */
function statusRow(pass: Pass, { plan, link }: Undoing, at: number): HistoryRow[] {
  const { status } = plan;
  const recreated = plan.writes.some((write) => write.op === 'create');
  if (recreated || (status !== 'detached' && status !== 'live')) return [];
  const op = status === 'live' ? 'link' : 'unlink';
  const row = { linkId: link.id, side: 'b', field: null, old: null, new: null, rule: UNDO_RULE, at } as const;
  return [historyRow(pass, { ...row, op })];
}

const shownBy = (pass: Pass, item: Undoing, side: Side): ReturnType<typeof getFields> => {
  const seen = item.seen[side];
  return seen.state === 'found' ? getFields(pass.lane.mapping, side, seen.record) : {};
};

function* sendingOf(pass: Pass, item: Undoing, write: PlannedWrite): Core<Sending> {
  const shows = shownBy(pass, item, otherSide(write.side));
  const source = Object.fromEntries(
    Object.keys(write.op === 'update' ? write.sent : {}).map((name) => [name, shows[name] ?? null]),
  );
  const known = { ...write, source };
  const plan = {
    link: item.link,
    action: write.op,
    writes: [known],
    next: item.link,
    reads: [],
    rule: UNDO_RULE,
  };
  const work = { seen: { ...item.seen }, plan, unread: false, readAt: { a: item.readAt, b: item.readAt } };
  const intent = yield* intentFor(pass, work, known);
  const cause = item.causes[write.side] ?? null;
  return { work, write: known, intent: { ...intent, origin: { ...intent.origin, cause } }, last: true };
}

interface Settling {
  readonly pass: Pass;
  readonly draft: Draft;
  readonly wall: number;
}

function answerOf(pass: Pass, intent: Intent, record: StoreRecord | undefined): Answer {
  const fields = record === undefined ? null : getFields(pass.lane.mapping, intent.side, record);
  return { fields, unresolved: new Set(), before: null };
}

function afterUpdate(link: Link, side: Side, outcome: Extract<Outcome, { status: 'ok' }>): Link {
  const ref = refOf(link, side);
  if (ref === null) return link;
  const next = { ...ref, version: outcome.version ?? '', mono: outcome.mono ?? '' };
  return side === 'a' ? { ...link, a: next } : { ...link, b: next };
}

/** The deleted record stays named: what is created again in its place must not be taken for it. */
function afterDelete(item: Undoing, side: Side): Link {
  const other = otherSide(side);
  const deleted = item.results.get(other) === 'done' && item.plan.writes.some(({ op }) => op === 'delete');
  const alone = deleted || refOf(item.link, other) === null || item.seen[other].state === 'gone';
  return { ...item.link, status: alone ? 'tomb' : 'detached', goneA: false, goneB: false };
}

/** The record is there again; its partner, if it is gone for good, takes no part any more. */
function afterCreate(item: Undoing, paired: Link, last: boolean): Link {
  const status = last ? (item.plan.status ?? item.plan.link.status) : 'detached';
  const next: Link = { ...paired, status: status === 'tomb' ? 'detached' : status };
  return last ? { ...next, goneA: false, goneB: false } : next;
}

/** A field that both sides show alike again needs nobody any more. */
function released(item: Undoing, link: Link): Link {
  const { releases, writes } = item.plan;
  const whole = writes.every(({ side }) => item.results.get(side) === 'done');
  if (!whole) return link;
  return { ...link, holds: link.holds.filter((one) => !releases.includes(one)) };
}

function settleOk(
  on: Settling,
  of: { item: Undoing; sending: Sending; last: boolean },
  outcome: Extract<Outcome, { status: 'ok' }>,
): void {
  const { pass, draft, wall } = on;
  const { item, sending, last } = of;
  const { intent } = sending;
  const { side, op } = intent;
  draft.closed.push({ id: intent.id, state: 'confirmed', conflicts: [] });
  item.results.set(side, 'done');
  if (op === 'delete') {
    draft.keys.push({ side, id: refOf(item.link, side)?.id ?? '', keys: [] });
    item.link = afterDelete(item, side);
    draft.links.push({ link: item.link });
    draft.history.push(
      ...rowsOfWrite(pass, intent, { shown: null, conflicts: [], at: wall, recovered: false }),
    );
    return;
  }
  const ref = { id: outcome.id, version: outcome.version ?? '', mono: outcome.mono ?? '' };
  const based = op === 'create' ? withPartner(item.link, intent, ref) : afterUpdate(item.link, side, outcome);
  const answer = answerOf(pass, intent, outcome.record);
  const confirmed = confirmedLink(pass.lane, { link: based, intent, answer });
  const shown = side === 'a' ? confirmed.shownA : confirmed.shownB;
  draft.keys.push({ side, id: outcome.id, keys: keysOf(pass, shown ?? {}) });
  draft.history.push(...rowsOfWrite(pass, intent, { shown, conflicts: [], at: wall, recovered: false }));
  if (op === 'update') {
    item.link = last ? released(item, confirmed) : confirmed;
    // The feed will call the version that was just made known: edits of other fields before it have to be looked for.
    draft.links.push({ link: item.link, mark: notLeftOut(item.link, SIDES) });
    return;
  }
  const again = reborn(pass.lane, item.link, confirmed);
  if (again !== null) draft.links.push({ link: again.old });
  item.link = afterCreate(item, again?.next ?? confirmed, last);
  draft.links.push({ link: item.link, mark: notLeftOut(item.link, SIDES) });
}

/** Nothing took effect, or nobody knows. What was held for it is let go again, unless it is not known. */
function settleOther(on: Settling, of: { item: Undoing; sending: Sending }, outcome: Outcome): void {
  const { item, sending } = of;
  const { side } = sending.intent;
  if (outcome.status === 'unknown' || outcome.status === 'duplicate' || outcome.status === 'retry') {
    item.results.set(side, 'open');
    if (outcome.status !== 'retry') return;
  } else
    item.results.set(
      side,
      outcome.status === 'conflict' ? 'changed' : outcome.status === 'gone' ? 'gone' : 'refused',
    );
  if (outcome.status === 'rejected') item.message = outcome.message;
  on.draft.closed.push({ id: sending.intent.id, state: 'void', conflicts: [] });
  const { holds, status } = item.plan.link;
  const letGo = item.plan.holds.filter((one) => one in sending.write.sent);
  on.draft.reviews.push(
    ...letGo.map((field) => ({
      ...holdReview(on.pass, item.link, { field, side, wall: on.wall }),
      ...{ decision: OBSOLETE, decidedAt: on.wall },
    })),
  );
  const kept = item.link.holds.filter((one) => holds.includes(one) || !(one in sending.write.sent));
  item.link = { ...item.link, holds: kept, status: item.results.size > 1 ? item.link.status : status };
  on.draft.links.push({ link: item.link, mark: notLeftOut(item.link, SIDES) });
}

/** After these on side B nothing is sent to side A. */
const UNSETTLED: ReadonlySet<string | undefined> = new Set(['open', 'late']);

interface One {
  readonly item: Undoing;
  readonly sending: Sending;
}

function noteRefused(all: readonly One[], { refused }: OpenResult, side: Side): void {
  const whys = new Map(refused.map(({ intentId, why }) => [intentId, why]));
  for (const { item, sending } of all) {
    const why = whys.get(sending.intent.id);
    if (why !== undefined) item.results.set(side, why === 'newer' ? 'late' : 'open');
  }
}

function noteLate(all: readonly One[], sent: readonly One[], side: Side): void {
  for (const one of all)
    if (!sent.includes(one) && !one.item.results.has(side)) one.item.results.set(side, 'late');
}

/** Sends one side's writes of these pairs: intents first, every outcome accounted for after. */
export function* undoSide(pass: Pass, side: Side, items: readonly Undoing[]): Core<void> {
  const all: One[] = [];
  for (const item of items) {
    const write = item.plan.writes.find((one) => one.side === side);
    if (write !== undefined && !UNSETTLED.has(item.results.get('b')))
      all.push({ item, sending: yield* sendingOf(pass, item, write) });
  }
  if (all.length === 0) return;
  const wall = yield* now();
  yield* keepLease(pass, wall);
  const opened = yield* journal(
    pass,
    all.map(({ sending }) => sending),
    wall,
  );
  noteRefused(all, opened, side);
  const good = yield* stillGood(
    pass,
    all.flatMap(({ sending }) => (opened.opened.includes(sending.intent.id) ? [sending] : [])),
  );
  const sent = all.filter(({ sending }) => good.includes(sending));
  noteLate(all, sent, side);
  if (sent.length === 0) return;
  const batch = sent.map(({ sending: { intent, write } }) => toWrite(intent, write.target, false));
  const outcomes = yield* store(side, 'write', batch);
  const draft: Draft = { links: [], closed: [], history: [], reviews: [], keys: [] };
  const on: Settling = { pass, draft, wall: yield* now() };
  for (const [index, one] of sent.entries()) {
    const outcome = outcomes[index] ?? { status: 'unknown', kind: 'protocol' };
    const last = side === 'a' || !one.item.plan.writes.some((write) => write.side === 'a');
    if (outcome.status === 'ok') settleOk(on, { ...one, last }, outcome);
    else settleOther(on, one, outcome);
  }
  yield* state('commitLane', { guard: pass.guard, now: on.wall, ...draft });
  yield* mono();
}
