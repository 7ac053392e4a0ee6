import { GraphFailure, itemNotFound } from '../graph-error.ts';
import { UTC } from '../zoned-time.ts';
import { removeEvent, reviseEvent } from './calendar-store.ts';
import type { Desk } from './desk.ts';
import type { Attendee, EventContent, Response, TimeSlot } from './event-content.ts';
import { instanceOn, occurrenceContent } from './event-instances.ts';
import { copyIn, mailboxOf } from './meeting-copies.ts';
import { sendMail } from './meeting-mail.ts';
import type { StoredEvent } from './stored-event.ts';

export interface Answer {
  readonly response: 'accepted' | 'tentativelyAccepted' | 'declined';
  /** Tells the organizer by mail, who then counts the answer. */
  readonly isSent: boolean;
  readonly proposedNewTime: TimeSlot | undefined;
}

const cannot = (reason: string): GraphFailure =>
  new GraphFailure(400, 'ErrorInvalidRequest', `Your request can't be completed. ${reason}`);

function check(event: StoredEvent, content: EventContent, answer: Answer): void {
  if (event.isOrganizer)
    throw cannot("You can't respond to this meeting because you're the meeting organizer.");
  if (content.isCancelled) throw cannot('The meeting was cancelled.');
  if (answer.isSent && !content.responseRequested)
    throw cannot("The meeting organizer hasn't requested a response.");
  if (answer.proposedNewTime !== undefined && (!answer.isSent || !content.allowNewTimeProposals))
    throw cannot(
      'A new time can only be proposed in a response that is sent, where the organizer allows proposals.',
    );
}

const SHOWN = { accepted: 'busy', tentativelyAccepted: 'tentative' } as const;

/** In the mailbox of who answers: what was declined leaves the calendar. */
function settleOwn(
  desk: Desk,
  target: { readonly event: StoredEvent; readonly day: number | null },
  answer: Answer,
): void {
  const { event, day } = target;
  const store = desk.user.mailbox.calendar;
  if (answer.response === 'declined') {
    if (day === null) removeEvent(store, event, { at: desk.at, by: desk.by });
    else reviseEvent(store, event, { at: desk.at, cancelled: new Set(event.cancelled).add(day) });
    return;
  }
  const part: Partial<EventContent> = {
    response: Object.freeze({ response: answer.response, at: desk.at }),
    showAs: SHOWN[answer.response],
  };
  if (day === null) reviseEvent(store, event, { at: desk.at, content: { ...event.content, ...part } });
  else {
    const changes = Object.freeze({ ...event.exceptions.get(day), ...part });
    reviseEvent(store, event, { at: desk.at, exceptions: new Map(event.exceptions).set(day, changes) });
  }
}

/** In the organizer's: the answer stands beside the name. */
function tally(
  desk: Desk,
  target: { readonly event: StoredEvent; readonly day: number | null },
  answer: Answer,
): void {
  const { event, day } = target;
  const organizer = mailboxOf(desk.world, event.organizer.address);
  const original = organizer === undefined ? undefined : copyIn(organizer, event.uid, true);
  if (organizer === undefined || original === undefined) return;
  const status: Response = Object.freeze({ response: answer.response, at: desk.at });
  const mine = new Set([desk.user.mail, desk.user.userPrincipalName].map((each) => each?.toLowerCase()));
  const counted = (attendees: readonly Attendee[]): readonly Attendee[] =>
    attendees.map((each) =>
      mine.has(each.emailAddress.address?.toLowerCase() ?? '')
        ? Object.freeze({ ...each, status, proposedNewTime: answer.proposedNewTime })
        : each,
    );
  const store = organizer.mailbox.calendar;
  if (day === null) {
    const content = { ...original.content, attendees: counted(original.content.attendees) };
    reviseEvent(store, original, { at: desk.at, content });
    return;
  }
  if (instanceOn(original, day, UTC) === undefined) return;
  const attendees = counted(occurrenceContent(original, day).attendees);
  const changes = Object.freeze({ ...original.exceptions.get(day), attendees });
  reviseEvent(store, original, { at: desk.at, exceptions: new Map(original.exceptions).set(day, changes) });
}

/** Answers an invitation, as a whole or for one date. Throws 400 and 404. */
export function respond(
  desk: Desk,
  target: { readonly event: StoredEvent; readonly day: number | null },
  answer: Answer,
): void {
  const { event, day } = target;
  if (day !== null && instanceOn(event, day, UTC) === undefined) throw itemNotFound();
  check(event, day === null ? event.content : occurrenceContent(event, day), answer);
  if (answer.isSent) {
    sendMail(desk, { event, day, kind: 'response', to: [event.organizer.address.toLowerCase()] });
    tally(desk, target, answer);
  }
  settleOwn(desk, target, answer);
}
