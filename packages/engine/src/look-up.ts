import type { OpenResult, Suspect } from '@tidelock/core';
import { linksNow } from './conclude.ts';
import { type Core, now, state, store } from './effect.ts';
import { FOREIGN_FEED } from './gather.ts';
import type { Pass } from './lane.ts';
import { unknownSuspect } from './observe.ts';
import type { Sending } from './sending.ts';
import type { Work } from './work.ts';

const emailsOf = (pass: Pass, work: Work): string[] => {
  const create = work.plan.writes.find((write) => write.op === 'create' && write.side === 'b');
  if (create === undefined) return [];
  return pass.lane.mapping.fields.flatMap((field) => {
    const value = create.sent[field.name];
    return field.type === 'email' && typeof value === 'string' ? [value.toLowerCase()] : [];
  });
};

/**
 * Before creating people in a store of which this lane sees only a part, asks the store itself for their addresses.
 * Whoever is found there is matched in the next pass instead of created now. Each link is looked up once.
 */
export function* lookUpFirst(pass: Pass, items: readonly Work[]): Core<Work[]> {
  const { lane } = pass;
  if (lane.policy.owners === null && !lane.shared.b) return [...items];
  const asked = items.filter(
    (work) => !lane.lookedUp.has(work.plan.link.id) && emailsOf(pass, work).length > 0,
  );
  if (asked.length === 0) return [...items];
  const emails = [...new Set(asked.flatMap((work) => emailsOf(pass, work)))];
  const found = yield* store('b', 'find', 'email', emails);
  const hits = new Map(emails.map((email, index) => [email, found[index] ?? []]));
  const wall = yield* now();
  const suspects = new Map<string, Suspect>();
  const waiting = new Set<Work>();
  for (const work of asked) {
    lane.lookedUp.add(work.plan.link.id);
    for (const record of emailsOf(pass, work).flatMap((email) => hits.get(email) ?? [])) {
      const note = unknownSuspect(lane, 'b', {
        id: record.id,
        record,
        mono: record.mono,
        feed: FOREIGN_FEED,
        now: wall,
      });
      suspects.set(record.id, { ...note, laneId: lane.spec.id, seq: 0 });
      lane.cache.put('b', record);
      waiting.add(work);
    }
  }
  const linked = yield* linksNow(pass, { by: 'native', side: 'b', ids: [...suspects.keys()] });
  for (const link of linked) if (link.b !== null && link.status !== 'tomb') suspects.delete(link.b.id);
  if (suspects.size > 0) {
    yield* state('commitLane', { guard: pass.guard, now: wall, suspects: [...suspects.values()] });
    pass.more = true;
    return items.filter((work) => !waiting.has(work));
  }
  return [...items];
}

/** A refused claim means that another lane is creating the same person: look the address up again next time. */
export function noteRefusals(pass: Pass, sendings: readonly Sending[], opened: OpenResult): void {
  const byId = new Map(sendings.map((sending) => [sending.intent.id, sending]));
  for (const { intentId, why } of opened.refused) {
    const sending = byId.get(intentId);
    if (sending !== undefined && why === 'claim') pass.lane.lookedUp.delete(sending.work.plan.link.id);
  }
}
