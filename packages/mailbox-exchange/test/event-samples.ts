import type { EventTime, Fields, Outcome, RecordStore, Write } from '@tidelock/core';
import { stampOf } from '../src/conformance/world.ts';

export const ZONE = 'Europe/Berlin';
export const TIME: EventTime = {
  kind: 'time',
  start: '2027-03-02T09:00:00',
  end: '2027-03-02T09:30:00',
  zone: ZONE,
};
export const WEEKLY = {
  kind: 'recurrence',
  every: 'week',
  interval: 1,
  days: ['tuesday'],
  weekStart: 'monday',
  count: 12,
  zone: ZONE,
} as const;
export const SECOND = '2027-03-09T08:00:00Z';
export const THIRD = '2027-03-16T08:00:00Z';
export const guests = (...emails: string[]) => ({
  kind: 'people' as const,
  organizer: null,
  attendees: emails.map((email) => ({ email, role: 'required' as const, response: 'none' as const })),
});

export const write = async (store: RecordStore, one: Write): Promise<Outcome> => {
  const [outcome] = await store.write([one]);
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
};

export async function create(store: RecordStore, fields: Fields, seed = 1): Promise<string> {
  const outcome = await write(store, {
    op: 'create',
    stamp: stampOf(seed),
    fresh: true,
    fields: { subject: 'Weekly', time: TIME, ...fields },
  });
  if (outcome.status !== 'ok') throw new Error(JSON.stringify(outcome));
  return outcome.id;
}

export const withDates: Fields = {
  recurrence: WEEKLY,
  occurrences: { kind: 'occurrences', byStart: { [SECOND]: 'cancelled', [THIRD]: { subject: 'Other' } } },
};
