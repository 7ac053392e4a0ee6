import type { Link, LinkPut, OpenResult, Quarantine, Side, StoreRecord, Suspect } from '@tidelock/core';
import { conclude, linksNow } from './conclude.ts';
import { decisions, UNDER_REVIEW } from './decided.ts';
import { type Core, now, state, store } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
import { otherSide, refNow, refOf } from './link-plan.ts';
import { pairKey } from './match.ts';
import { FOREIGN_FEED, unknownSuspect } from './observe.ts';
import { isScoped } from './scope.ts';
import type { Sending } from './sending.ts';
import type { Work } from './work.ts';

const emailsOf = (pass: Pass, side: Side, work: Work): string[] => {
  const create = work.plan.writes.find((write) => write.op === 'create' && write.side === side);
  const emails: string[] = [];
  if (create === undefined) return emails;
  for (const field of pass.lane.mapping.fields) {
    const value = field.type === 'email' ? create.sent[field.name] : undefined;
    if (typeof value === 'string') emails.push(value.toLowerCase());
  }
  return emails;
};

/**
 * What all copies of a meeting have in common, where one of them may be in the mailbox that it would be made in. In the CRM claims
 * see to it (5.9).
 */
function sharedKeyOf({ lane }: Pass, side: Side, { plan }: Work): string | null {
  if (side !== 'a' || lane.caps.a.events === undefined) return null;
  const uid = plan.writes.find((write) => write.op === 'create' && write.side === side)?.source.uid;
  return typeof uid === 'string' && uid !== '' ? uid : null;
}

/** Does this lane see only a part of the side's store? */
const seesPart = (lane: Lane, side: Side): boolean =>
  isScoped(lane.policy, side) || (side === 'b' && lane.shared.b);

const keyOf = (side: Side, work: Work): string => `${side}${work.plan.link.id}`;

const againOf = (key: string): string => `${key} again`;

/** It was made: a process that runs for months does not remember each of them. */
export function forgetLookUp({ lookedUp }: Lane, side: Side, work: Work): void {
  const key = keyOf(side, work);
  lookedUp.delete(key);
  lookedUp.delete(againOf(key));
}

const REVIEW_RETRY_MS = 3_600_000;
const PAGE = 1_000;

/** Of these records, those that a person is asked about. */
function* reviewed(pass: Pass, side: Side, ids: ReadonlySet<string>): Core<Map<string, Suspect>> {
  const found = new Map<string, Suspect>();
  const query = { why: ['review'] as const, limit: PAGE };
  let after: { side: Side; id: string } | undefined;
  for (;;) {
    const from = after === undefined ? query : { ...query, after };
    const rows = yield* state('suspects', pass.lane.spec.id, from);
    for (const row of rows) if (row.side === side && ids.has(row.id)) found.set(row.id, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return found;
    after = { side: last.side, id: last.id };
  }
}

const SAME_ADDRESS = 'A record with the same address waits for a decision (tidelock review).';

/** A person may still say that it is this one: nothing is created before, and it is asked for again in an hour. */
function awaiting(
  link: Link,
  at: { readonly wall: number; readonly retryMs?: number; readonly message?: string },
): Link {
  const { wall, retryMs = REVIEW_RETRY_MS, message = SAME_ADDRESS } = at;
  const quarantine: Quarantine = {
    class: 'identity',
    code: UNDER_REVIEW,
    message,
    inputHash: '',
    attempts: 1,
    nextAt: wall + retryMs,
  };
  return { ...link, quarantine };
}

interface Met {
  readonly side: Side;
  readonly wall: number;
  /** Records that wait for a person's decision, by id. */
  readonly doubtful: ReadonlyMap<string, Suspect>;
  /** Found there, by id, and not linked here: to be matched. */
  readonly suspects: Map<string, Suspect>;
  /** Links that do not create now. */
  readonly waiting: Set<Work>;
  readonly parked: LinkPut[];
  /** The next pass has something to match that none had before. */
  isNews: boolean;
}

/**
 * What the store holds under the addresses of a link, or as copies of its meeting. Somebody who waits for a person's decision is matched once more,
 * because this link may be free for it by now; if that leaves it in doubt, the link waits as well.
 */
function meet(pass: Pass, of: { work: Work; hits: readonly StoreRecord[] }, met: Met): void {
  const { work, hits } = of;
  const { side, doubtful, wall } = met;
  const { lookedUp, cache, spec } = pass.lane;
  const again = againOf(keyOf(side, work));
  const inDoubt = hits.some((record) => doubtful.has(record.id));
  const stuck = inDoubt && lookedUp.has(again);
  if (hits.length > 0) met.waiting.add(work);
  met.isNews ||= hits.length > 0 && !stuck && !lookedUp.has(keyOf(side, work));
  if (stuck) met.parked.push({ link: awaiting(work.plan.link, { wall }) });
  else lookedUp.add(inDoubt ? again : keyOf(side, work));
  for (const record of hits) {
    const known = doubtful.get(record.id);
    if (stuck && known !== undefined) continue;
    const feed = known?.feed ?? FOREIGN_FEED;
    const note = unknownSuspect(pass.lane, side, {
      id: record.id,
      record,
      mono: record.mono,
      feed,
      now: wall,
    });
    met.suspects.set(record.id, { ...note, laneId: spec.id, seq: known?.seq ?? 0 });
    cache.put(side, record);
  }
}

/** Of these records, those that stand in no link here. */
function* unlinked(pass: Pass, side: Side, records: readonly StoreRecord[]): Core<Set<string>> {
  const ids = new Set(records.map((record) => record.id));
  const linked = ids.size === 0 ? [] : yield* linksNow(pass, { by: 'native', side, ids: [...ids] });
  for (const link of linked) if (link.status !== 'tomb') ids.delete(link[side]?.id ?? '');
  return ids;
}

type Hits = Map<Work, readonly StoreRecord[]>;

/** People whose addresses have not been looked up yet. */
function* byEmail(pass: Pass, side: Side, items: readonly Work[]): Core<Hits> {
  const { lane } = pass;
  const named = new Map<Work, readonly string[]>();
  for (const work of seesPart(lane, side) ? items : []) {
    const emails = lane.lookedUp.has(keyOf(side, work)) ? [] : emailsOf(pass, side, work);
    if (emails.length > 0) named.set(work, emails);
  }
  if (named.size === 0) return new Map();
  const emails = [...new Set([...named.values()].flat())];
  const found = yield* store(side, 'find', 'email', emails);
  const hits = new Map(emails.map((email, index) => [email, found[index] ?? []]));
  return new Map([...named].map(([work, mine]) => [work, mine.flatMap((email) => hits.get(email) ?? [])]));
}

/**
 * Copies of meetings, wherever in time they are and whatever feeds have told of them. Asked each time: a copy can come until the
 * very moment.
 */
function* byShared(pass: Pass, side: Side, items: readonly Work[]): Core<Hits> {
  const keyed = items.flatMap((work) => {
    const key = sharedKeyOf(pass, side, work);
    return key === null ? [] : [{ work, key }];
  });
  if (keyed.length === 0) return new Map();
  const keys = [...new Set(keyed.map(({ key }) => key))];
  const found = yield* store(side, 'findShared', keys);
  const hits = new Map(keys.map((key, index) => [key, found[index] ?? []]));
  if (found.flat().length === 0) return new Map();
  const decided = yield* decisions(pass);
  const isAnother = ({ plan }: Work, { id }: StoreRecord): boolean =>
    decided.get(pairKey(id, plan.link.b?.id ?? '')) === 'separate';
  return new Map(
    keyed.map(({ work, key }) => [work, (hits.get(key) ?? []).filter((record) => !isAnother(work, record))]),
  );
}

function* lookUp(pass: Pass, side: Side, items: readonly Work[]): Core<Work[]> {
  const hits: Hits = yield* byEmail(pass, side, items);
  for (const [work, copies] of yield* byShared(pass, side, items))
    hits.set(work, [...(hits.get(work) ?? []), ...copies]);
  if (hits.size === 0) return [...items];
  const free = yield* unlinked(pass, side, [...hits.values()].flat());
  const doubtful = free.size === 0 ? new Map<string, Suspect>() : yield* reviewed(pass, side, free);
  const wall = yield* now();
  const met: Met = {
    ...{ side, wall, doubtful, suspects: new Map(), waiting: new Set(), parked: [], isNews: false },
  };
  for (const [work, found] of hits)
    meet(pass, { work, hits: found.filter((record) => free.has(record.id)) }, met);
  if (met.waiting.size === 0) return [...items];
  const suspects = [...met.suspects.values()];
  if (met.parked.length > 0) yield* conclude(pass, { links: met.parked });
  if (suspects.length > 0) yield* state('commitLane', { guard: pass.guard, now: wall, suspects });
  pass.more ||= met.isNews;
  return items.filter((work) => !met.waiting.has(work));
}

/**
 * Would it be given its first partner, while a person is asked which of several records is its partner? One whose partner is gone
 * goes on (7.1): its question is obsolete with that.
 */
export const isAsked = ({ asked }: Pass, { plan }: Work): boolean =>
  plan.writes.some(({ op, side }) => {
    const from = otherSide(side);
    if (op !== 'create' || refOf(plan.link, side) !== null) return false;
    return asked.has(from + (refOf(plan.link, from)?.id ?? ''));
  });

/** Whoever answers lets the pair go. This is for a question whose other records are all gone, so that nobody will. */
const ASKED_RETRY_MS = 7 * 86_400_000;

/** What was looked at is known: a feed that overlaps says nothing new by repeating it. */
const lookedAt = ({ plan: { link }, seen }: Work): Link => ({
  ...link,
  a: refNow(link.a, seen.a),
  b: refNow(link.b, seen.b),
});

/** Those that a person is asked about wait for the answer. */
function* withoutAsked(pass: Pass, items: readonly Work[]): Core<readonly Work[]> {
  const waiting = items.filter((work) => isAsked(pass, work));
  if (waiting.length === 0) return items;
  const wall = yield* now();
  const message = 'Which record is its partner waits for a decision (tidelock review).';
  const at = { wall, retryMs: ASKED_RETRY_MS, message };
  yield* conclude(pass, { links: waiting.map((work) => ({ link: awaiting(lookedAt(work), at) })) });
  return items.filter((work) => !waiting.includes(work));
}

/**
 * Before creating people in a store of which this lane sees only a part, asks the store itself for their addresses; before
 * making a meeting in a mailbox, for its copies. What is found there is matched in the next pass, and nothing is created now. Each link
 * is looked up by address once a side.
 */
export function* lookUpFirst(pass: Pass, items: readonly Work[]): Core<Work[]> {
  return yield* lookUp(pass, 'a', yield* lookUp(pass, 'b', yield* withoutAsked(pass, items)));
}

/**
 * A refused claim means that another lane is creating the same person: look the address up again next time. A record that is newer
 * than it was read is read again by the next pass.
 */
export function noteRefusals(pass: Pass, sendings: readonly Sending[], opened: OpenResult): void {
  const byId = new Map(sendings.map((sending) => [sending.intent.id, sending]));
  for (const { intentId, why } of opened.refused) {
    const sending = byId.get(intentId);
    pass.more ||= why === 'newer';
    if (sending !== undefined && why === 'claim')
      pass.lane.lookedUp.delete(keyOf(sending.intent.side, sending.work));
  }
}
