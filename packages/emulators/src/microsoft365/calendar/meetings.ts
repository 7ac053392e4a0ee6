import type { Desk } from './desk.ts';
import type { EventContent } from './event-content.ts';
import { occurrenceContent } from './event-instances.ts';
import { cancelCopy, deliver, mailboxOf } from './meeting-copies.ts';
import { addressesOf, type Letter, sendMail } from './meeting-mail.ts';
import type { StoredEvent } from './stored-event.ts';

/** Names of a request that concern nobody but the owner of the calendar. */
const PRIVATE: ReadonlySet<string> = new Set([
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'singleValueExtendedProperties',
]);

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

const isMoved = (before: EventContent, after: EventContent): boolean =>
  (['start', 'end', 'isAllDay', 'recurrence'] as const).some((name) => differ(before[name], after[name]));

/** Attendees of a meeting and of those of its dates that were changed. */
const everybody = (event: StoredEvent): ReadonlySet<string> => {
  const all = [event.content, ...event.exceptions.values()].flatMap(({ attendees }) => attendees ?? []);
  return addressesOf(all, event);
};

function deliverTo(
  desk: Desk,
  event: StoredEvent,
  to: { readonly addresses: Iterable<string>; readonly isMoved: boolean },
): void {
  for (const address of to.addresses) {
    const user = mailboxOf(desk.world, address);
    if (user !== undefined && user !== desk.user) deliver(user, event, { at: desk.at, isMoved: to.isMoved });
  }
}

function cancelFor(desk: Desk, letter: Omit<Letter, 'kind'>): void {
  const { event, day } = letter;
  const to = [...letter.to];
  sendMail(desk, { ...letter, to, kind: 'cancellation' });
  for (const address of to) {
    const user = mailboxOf(desk.world, address);
    if (user !== undefined && user !== desk.user) cancelCopy(user, event, { at: desk.at, day });
  }
}

/** Invites everybody to a new meeting. */
export function invite(desk: Desk, event: StoredEvent): void {
  const addresses = addressesOf(event.content.attendees, event);
  sendMail(desk, { event, day: null, kind: 'invitation', to: addresses });
  deliverTo(desk, event, { addresses, isMoved: false });
}

export interface Change {
  readonly event: StoredEvent;
  readonly day: number | null;
  /** What held before, of the event or of its date. */
  readonly before: EventContent;
  /** The properties that the request named. */
  readonly named: readonly string[];
}

/** Who is told of a change that keeps them in the meeting: with nothing but attendees in the request, those that changed. */
function toUpdate(change: Change, after: EventContent, kept: readonly string[]): readonly string[] {
  const { named, before } = change;
  const others = named.filter((name) => !PRIVATE.has(name));
  if (others.some((name) => name !== 'attendees')) return kept;
  const typeIn = (content: EventContent, address: string) =>
    content.attendees.find((each) => each.emailAddress.address?.toLowerCase() === address)?.type;
  return kept.filter((address) => typeIn(before, address) !== typeIn(after, address));
}

/**
 * Tells the attendees what the organizer changed: those who are new are invited, those who are gone get a cancellation, the
 * others an update; of a series one more for each of its dates that was changed (Graph: event-update).
 */
export function announce(desk: Desk, change: Change): void {
  const { event, day, before } = change;
  const after = day === null ? event.content : occurrenceContent(event, day);
  const was = addressesOf(before.attendees, event);
  const now = addressesOf(after.attendees, event);
  const kept = [...now].filter((address) => was.has(address));
  const added = [...now].filter((address) => !was.has(address));
  const updated = toUpdate(change, after, kept);
  const { subject } = after;
  sendMail(desk, { event, day, kind: 'invitation', to: added, subject });
  sendMail(desk, { event, day, kind: 'update', to: updated, subject });
  if (day === null)
    for (const each of event.exceptions.keys())
      sendMail(desk, {
        event,
        day: each,
        kind: 'update',
        to: updated,
        subject: occurrenceContent(event, each).subject,
      });
  const removed = [...was].filter((address) => !now.has(address));
  cancelFor(desk, { event, day, to: removed, subject: before.subject });
  const isTold = added.length > 0 || updated.length > 0;
  if (isTold) deliverTo(desk, event, { addresses: now, isMoved: day === null && isMoved(before, after) });
}

/** The organizer calls a meeting off, or one date of it. */
export function callOff(desk: Desk, event: StoredEvent, day: number | null): void {
  if (day === null) {
    cancelFor(desk, { event, day, to: everybody(event) });
    return;
  }
  const { attendees, subject } = occurrenceContent(event, day);
  cancelFor(desk, { event, day, to: addressesOf(attendees, event), subject });
}
