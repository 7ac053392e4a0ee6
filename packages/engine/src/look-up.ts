import type { Link, LinkPut, OpenResult, Quarantine, Side, StoreRecord, Suspect } from '@tidelock/core';
import { conclude, linksNow } from './conclude.ts';
import { type Core, now, state, store } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
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

/** Does this lane see only a part of the side's store? */
const seesPart = (lane: Lane, side: Side): boolean =>
  isScoped(lane.policy, side) || (side === 'b' && lane.shared.b);

const keyOf = (side: Side, work: Work): string => `${side}${work.plan.link.id}`;

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

/** A person may still say that it is this one: nothing is created before, and it is asked for again in an hour. */
function awaiting(link: Link, wall: number): Link {
  const quarantine: Quarantine = {
    class: 'identity',
    code: 'under-review',
    message: 'A record with the same address waits for a decision (tidelock review).',
    inputHash: '',
    attempts: 1,
    nextAt: wall + REVIEW_RETRY_MS,
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
}

/**
 * What the store holds under the addresses of a link. Somebody who waits for a person's decision is matched once more,
 * because this link may be free for it by now; if that leaves it in doubt, the link waits as well.
 */
function meet(pass: Pass, of: { work: Work; hits: readonly StoreRecord[] }, met: Met): void {
  const { work, hits } = of;
  const { side, doubtful, wall } = met;
  const { lookedUp, cache, spec } = pass.lane;
  const again = `${keyOf(side, work)} again`;
  const inDoubt = hits.some((record) => doubtful.has(record.id));
  const stuck = inDoubt && lookedUp.has(again);
  if (hits.length > 0) met.waiting.add(work);
  if (stuck) met.parked.push({ link: awaiting(work.plan.link, wall) });
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

function* lookUp(pass: Pass, side: Side, items: readonly Work[]): Core<Work[]> {
  const { lane } = pass;
  const named = new Map<Work, readonly string[]>();
  for (const work of seesPart(lane, side) ? items : []) {
    const emails = lane.lookedUp.has(keyOf(side, work)) ? [] : emailsOf(pass, side, work);
    if (emails.length > 0) named.set(work, emails);
  }
  if (named.size === 0) return [...items];
  const emails = [...new Set([...named.values()].flat())];
  const found = yield* store(side, 'find', 'email', emails);
  const free = yield* unlinked(pass, side, found.flat());
  const hits = new Map(
    emails.map((email, index) => [email, (found[index] ?? []).filter((record) => free.has(record.id))]),
  );
  const doubtful = free.size === 0 ? new Map<string, Suspect>() : yield* reviewed(pass, side, free);
  const wall = yield* now();
  const met: Met = { side, wall, doubtful, suspects: new Map(), waiting: new Set(), parked: [] };
  for (const [work, mine] of named)
    meet(pass, { work, hits: mine.flatMap((email) => hits.get(email) ?? []) }, met);
  if (met.waiting.size === 0) return [...items];
  const suspects = [...met.suspects.values()];
  if (met.parked.length > 0) yield* conclude(pass, { links: met.parked });
  if (suspects.length > 0) yield* state('commitLane', { guard: pass.guard, now: wall, suspects });
  pass.more ||= suspects.length > 0;
  return items.filter((work) => !met.waiting.has(work));
}

/**
 * Before creating people in a store of which this lane sees only a part, asks the store itself for their addresses.
 * Whoever is found there is matched in the next pass instead of created now. Each link is looked up once a side.
 */
export function* lookUpFirst(pass: Pass, items: readonly Work[]): Core<Work[]> {
  return yield* lookUp(pass, 'a', yield* lookUp(pass, 'b', items));
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
