import { badRequest } from './api-error.ts';
import { relationsOf } from './event-guests.ts';
import { eventTimes, namesTimes } from './event-times.ts';
import type { Org } from './org.ts';
import type { Changes } from './record-input.ts';
import { type Row, storedValue } from './row.ts';

const OF_CHILDREN = ['IsReminderSet', 'ReminderDateTime'];

const integrity = (message: string, fields: readonly string[]): Error =>
  badRequest('FIELD_INTEGRITY_EXCEPTION', message, fields);

function requireChildFields(changes: Changes): void {
  const name = Object.keys(changes).find((each) => !OF_CHILDREN.includes(each));
  if (name !== undefined) throw integrity(`${name} cannot be changed on the event of an invitee`, [name]);
}

function requireUnrelated(org: Org, merged: Changes, id: string | undefined): void {
  if (merged.IsPrivate !== true) return;
  const named = ['WhoId', 'WhatId'].filter((name) => (merged[name] ?? null) !== null);
  if (named.length > 0) throw integrity('A private event cannot be related to anything', named);
  if (id !== undefined && relationsOf(org, id).length > 0)
    throw integrity('An event with relations cannot be made private', ['IsPrivate']);
}

/** What an event holds besides what a write names. Throws what the service throws for events that cannot be. */
export function completeEvent(
  org: Org,
  { changes, before }: { changes: Changes; before: Row | undefined },
): Changes {
  if (before !== undefined && storedValue(before, 'IsChild') === true) {
    requireChildFields(changes);
    return {};
  }
  if (changes.IsRecurrence === true)
    throw integrity('Recurrence: classic series cannot be created in this org', ['IsRecurrence']);
  requireUnrelated(org, { ...before?.values, ...changes }, before?.id);
  const initial: Changes =
    before === undefined ? { ShowAs: changes.ShowAs ?? 'Busy', GroupEventType: '0' } : {};
  if (before !== undefined && !namesTimes(changes)) return initial;
  const multiDay = org.settings.multiDayEvents;
  return { ...initial, ...eventTimes(changes, { before: before?.values, multiDay }) };
}
