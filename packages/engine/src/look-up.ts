import type { OpenResult, Side, Suspect } from '@tidelock/core';
import { linksNow } from './conclude.ts';
import { type Core, now, state, store } from './effect.ts';
import type { Lane, Pass } from './lane.ts';
import { FOREIGN_FEED, unknownSuspect } from './observe.ts';
import { isScoped } from './scope.ts';
import type { Sending } from './sending.ts';
import type { Work } from './work.ts';

const emailsOf = (pass: Pass, side: Side, work: Work): string[] => {
  const create = work.plan.writes.find((write) => write.op === 'create' && write.side === side);
  if (create === undefined) return [];
  return pass.lane.mapping.fields.flatMap((field) => {
    const value = create.sent[field.name];
    return field.type === 'email' && typeof value === 'string' ? [value.toLowerCase()] : [];
  });
};

/** Does this lane see only a part of the side's store? */
const seesPart = (lane: Lane, side: Side): boolean =>
  isScoped(lane.policy, side) || (side === 'b' && lane.shared.b);

const keyOf = (side: Side, work: Work): string => `${side}${work.plan.link.id}`;

function* lookUp(pass: Pass, side: Side, items: readonly Work[]): Core<Work[]> {
  const { lane } = pass;
  const asked = seesPart(lane, side)
    ? items.filter((work) => !lane.lookedUp.has(keyOf(side, work)) && emailsOf(pass, side, work).length > 0)
    : [];
  if (asked.length === 0) return [...items];
  const emails = [...new Set(asked.flatMap((work) => emailsOf(pass, side, work)))];
  const found = yield* store(side, 'find', 'email', emails);
  const hits = new Map(emails.map((email, index) => [email, found[index] ?? []]));
  const wall = yield* now();
  const suspects = new Map<string, Suspect>();
  const waiting = new Set<Work>();
  for (const work of asked) {
    lane.lookedUp.add(keyOf(side, work));
    for (const record of emailsOf(pass, side, work).flatMap((email) => hits.get(email) ?? [])) {
      const note = unknownSuspect(lane, side, {
        id: record.id,
        record,
        mono: record.mono,
        feed: FOREIGN_FEED,
        now: wall,
      });
      suspects.set(record.id, { ...note, laneId: lane.spec.id, seq: 0 });
      lane.cache.put(side, record);
      waiting.add(work);
    }
  }
  const linked = yield* linksNow(pass, { by: 'native', side, ids: [...suspects.keys()] });
  for (const link of linked) {
    const ref = side === 'a' ? link.a : link.b;
    if (ref !== null && link.status !== 'tomb') suspects.delete(ref.id);
  }
  if (suspects.size === 0) return [...items];
  yield* state('commitLane', { guard: pass.guard, now: wall, suspects: [...suspects.values()] });
  pass.more = true;
  return items.filter((work) => !waiting.has(work));
}

/**
 * Before creating people in a store of which this lane sees only a part, asks the store itself for their addresses.
 * Whoever is found there is matched in the next pass instead of created now. Each link is looked up once a side.
 */
export function* lookUpFirst(pass: Pass, items: readonly Work[]): Core<Work[]> {
  return yield* lookUp(pass, 'a', yield* lookUp(pass, 'b', items));
}

/** A refused claim means that another lane is creating the same person: look the address up again next time. */
export function noteRefusals(pass: Pass, sendings: readonly Sending[], opened: OpenResult): void {
  const byId = new Map(sendings.map((sending) => [sending.intent.id, sending]));
  for (const { intentId, why } of opened.refused) {
    const sending = byId.get(intentId);
    if (sending !== undefined && why === 'claim')
      pass.lane.lookedUp.delete(keyOf(sending.intent.side, sending.work));
  }
}
