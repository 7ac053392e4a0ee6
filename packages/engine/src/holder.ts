import type { Outcome, Side, StoreRecord, Suspect } from '@tidelock/core';
import { type Core, now, state, store } from './effect.ts';

import type { Pass } from './lane.ts';
import { FOREIGN_FEED, unknownSuspect } from './observe.ts';
import type { Sending } from './sending.ts';

function emailsOf(pass: Pass, { intent }: Sending): string[] {
  const fields = pass.lane.mapping.fields.filter((field) => field.type === 'email');
  return fields.flatMap((field) => {
    const value = intent.sent[field.name];
    return typeof value === 'string' ? [value.toLowerCase()] : [];
  });
}

function* freeRecords(pass: Pass, side: Side, emails: readonly string[]): Core<StoreRecord[]> {
  const found = yield* store(side, 'find', 'email', emails);
  const records = new Map(found.flat().map((record) => [record.id, record]));
  const ids = [...records.keys()];
  const links = ids.length === 0 ? [] : yield* state('links', pass.lane.spec.id, { by: 'native', side, ids });
  for (const link of links) if (link.status !== 'tomb') records.delete(link[side]?.id ?? '');
  return [...records.values()];
}

/**
 * A create was refused because somebody with that business key is there already. Whoever it is goes to matching, if no
 * pair has the record yet; otherwise the refused one stays parked with its question.
 */
export function* matchHolders(
  pass: Pass,
  sent: readonly Sending[],
  outcomes: readonly Outcome[],
): Core<void> {
  const refused = sent.filter((sending, index) => {
    const outcome = outcomes[index];
    const code = outcome?.status === 'rejected' ? outcome.code : null;
    return code === 'duplicate-key' && sending.write.op === 'create';
  });
  const side = refused[0]?.write.side;
  const emails = [...new Set(refused.flatMap((sending) => emailsOf(pass, sending)))];
  if (side === undefined || emails.length === 0) return;
  const wall = yield* now();
  const records = yield* freeRecords(pass, side, emails);
  if (records.length === 0) return;
  const suspects = records.map((record): Suspect => {
    const { id, mono } = record;
    const note = unknownSuspect(pass.lane, side, { id, record, mono, feed: FOREIGN_FEED, now: wall });
    return { ...note, laneId: pass.lane.spec.id, seq: 0 };
  });
  for (const record of records) pass.lane.cache.put(side, record);
  yield* state('commitLane', { guard: pass.guard, now: wall, suspects });
  pass.more = true;
}
