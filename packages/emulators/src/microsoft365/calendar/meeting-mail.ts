import type { Desk } from './desk.ts';
import type { Attendee } from './event-content.ts';
import type { MailKind } from './sent-mail.ts';
import type { StoredEvent } from './stored-event.ts';

/** Addresses of those who would get mail, each once, in lower case; the organizer writes to nobody about himself. */
export function addressesOf(
  attendees: readonly Attendee[],
  event: Pick<StoredEvent, 'organizer'>,
): ReadonlySet<string> {
  const found = new Set(attendees.flatMap(({ emailAddress }) => emailAddress.address?.toLowerCase() ?? []));
  found.delete(event.organizer.address.toLowerCase());
  return found;
}

export interface Letter {
  readonly event: StoredEvent;
  readonly day: number | null;
  readonly kind: MailKind;
  readonly to: Iterable<string>;
  /** Default: the event's. */
  readonly subject?: string;
}

/** One mail for each address. Of what is set up as history nothing is sent. */
export function sendMail({ world, user, by, at, isHistory = false }: Desk, letter: Letter): void {
  if (isHistory) return;
  const { event, day, kind } = letter;
  const subject = letter.subject ?? event.content.subject;
  for (const to of letter.to)
    world.mails.push(Object.freeze({ at, kind, by, userId: user.id, to, subject, uid: event.uid, day }));
}
