import type { DayNumber } from '../calendar-day.ts';
import { isPatternDay } from '../series.ts';
import type { User, World } from '../world.ts';
import { addEvent, reviseEvent, uidKey } from './calendar-store.ts';
import type { EventContent } from './event-content.ts';
import { occurrenceContent } from './event-instances.ts';
import type { StoredEvent } from './stored-event.ts';

/** What everybody keeps for himself, and no organizer changes in another mailbox. */
export const OWN = [
  'categories',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'showAs',
  'response',
  'isCancelled',
] as const;

const OWN_NAMES: ReadonlySet<string> = new Set(OWN);

const pick = (content: Partial<EventContent>, wanted: (name: string) => boolean): Partial<EventContent> =>
  Object.fromEntries(Object.entries(content).filter(([name]) => wanted(name)));

/** What an invitation carries. Who else has answered is the organizer's to know. */
function shared(content: Partial<EventContent>): Partial<EventContent> {
  const { attendees, ...others } = pick(content, (name) => !OWN_NAMES.has(name));
  if (attendees === undefined) return others;
  const status = { response: 'none', at: null } as const;
  return { ...others, attendees: attendees.map((each) => ({ ...each, status, proposedNewTime: undefined })) };
}

const own = (content: Partial<EventContent>): Partial<EventContent> =>
  pick(content, (name) => OWN_NAMES.has(name));

const UNANSWERED = {
  response: Object.freeze({ response: 'notResponded', at: null }),
  showAs: 'tentative',
} as const;

/** How a cancelled meeting stays in a calendar until its owner removes it. */
const cancelledPart = (subject: string): Partial<EventContent> => ({
  isCancelled: true,
  subject: subject.startsWith('Canceled: ') ? subject : `Canceled: ${subject}`,
  showAs: 'free',
  isReminderOn: false,
});

/** The mailbox of an address, where this world has it and it is up. */
export function mailboxOf(world: World, address: string): User | undefined {
  const user = world.addresses.get(address.toLowerCase());
  return user?.mailboxState === 'normal' ? user : undefined;
}

/** The copy of a meeting in somebody's mailbox; with `isOrganizer`, the original. */
export function copyIn(user: User, uid: string, isOrganizer = false): StoredEvent | undefined {
  for (const event of user.mailbox.calendar.index.get(uidKey(uid)) ?? [])
    if (event.isOrganizer === isOrganizer) return event;
  return undefined;
}

function copiedDates(
  event: StoredEvent,
  copy: Pick<StoredEvent, 'exceptions' | 'cancelled'>,
): Pick<StoredEvent, 'exceptions' | 'cancelled'> {
  const { recurrence } = event.content;
  if (recurrence === null) return { exceptions: new Map(), cancelled: new Set() };
  const exceptions = new Map<DayNumber, Partial<EventContent>>();
  for (const day of new Set([...event.exceptions.keys(), ...event.cancelled, ...copy.exceptions.keys()])) {
    if (!isPatternDay(recurrence, day)) continue;
    const isCancelled = event.cancelled.has(day);
    const { subject } = occurrenceContent(event, day);
    const changes = {
      ...shared(event.exceptions.get(day) ?? {}),
      ...own(copy.exceptions.get(day) ?? {}),
      ...(isCancelled ? cancelledPart(subject) : {}),
    };
    if (Object.keys(changes).length > 0) exceptions.set(day, Object.freeze(changes));
  }
  return {
    exceptions,
    cancelled: new Set([...copy.cancelled].filter((day) => isPatternDay(recurrence, day))),
  };
}

export interface Delivery {
  readonly at: number;
  /** The time or the pattern is another: earlier answers no longer hold. */
  readonly isMoved: boolean;
}

/** Puts the organizer's meeting into an attendee's default calendar, or brings the copy there up to date. */
export function deliver(user: User, event: StoredEvent, { at, isMoved }: Delivery): void {
  const store = user.mailbox.calendar;
  const copy = copyIn(user, event.uid);
  const content = { ...event.content, ...shared(event.content) };
  if (copy === undefined) {
    addEvent(store, store.main, {
      content: { ...content, ...UNANSWERED, categories: [], isCancelled: false },
      extended: new Map(),
      uid: event.uid,
      organizer: event.organizer,
      isOrganizer: false,
      at,
      ...copiedDates(event, { exceptions: new Map(), cancelled: new Set() }),
    });
    return;
  }
  const forgotten = isMoved ? { exceptions: new Map(), cancelled: new Set<DayNumber>() } : copy;
  reviseEvent(store, copy, {
    at,
    content: { ...content, ...own(copy.content), ...(isMoved ? UNANSWERED : {}), isCancelled: false },
    ...copiedDates(event, forgotten),
  });
}

/** Marks the copy cancelled: the whole meeting, or one date of it. */
export function cancelCopy(
  user: User,
  event: StoredEvent,
  how: { readonly at: number; readonly day: number | null },
): void {
  const copy = copyIn(user, event.uid);
  if (copy === undefined) return;
  const store = user.mailbox.calendar;
  const { at, day } = how;
  if (day === null) {
    const content = { ...copy.content, ...cancelledPart(copy.content.subject) };
    reviseEvent(store, copy, { at, content });
    return;
  }
  if (copy.content.recurrence === null || copy.cancelled.has(day)) return;
  const { subject } = occurrenceContent(copy, day);
  const changes = { ...copy.exceptions.get(day), ...cancelledPart(subject) };
  reviseEvent(store, copy, { at, exceptions: new Map(copy.exceptions).set(day, Object.freeze(changes)) });
}
