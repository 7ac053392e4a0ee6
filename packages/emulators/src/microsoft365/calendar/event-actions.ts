import type { GraphAnswer } from '../graph-call.ts';
import { badBody, emptyAnswer } from '../graph-call.ts';
import { GraphFailure, methodNotAllowed, unreadableBody } from '../graph-error.ts';
import type { MailboxCall } from '../mailbox-call.ts';
import type { Addressed } from './calendar-call.ts';
import { reviseEvent } from './calendar-store.ts';
import type { Desk } from './desk.ts';
import { type Fields, isRecord, member, readFlag, readSlot, wrongType } from './event-values.ts';
import { deleteEvent, deleteOccurrence } from './event-writes.ts';
import { sendMail } from './meeting-mail.ts';
import { type Answer, respond } from './responses.ts';

export interface Action {
  readonly desk: Desk;
  readonly target: Addressed;
  readonly body: Fields;
}

const readBody = ({ call }: MailboxCall): Fields => {
  if (call.body === undefined) return {};
  if (call.body === badBody || !isRecord(call.body))
    throw unreadableBody(
      'Unable to read JSON request payload. Please ensure payload is of valid JSON format.',
    );
  return call.body;
};

const answering =
  (response: Answer['response']) =>
  ({ desk, target, body }: Action): GraphAnswer => {
    const sent = member(body, 'sendResponse');
    respond(desk, target, {
      response,
      isSent: sent === null ? true : readFlag(sent, 'SendResponse'),
      proposedNewTime:
        response === 'accepted' ? undefined : readSlot(member(body, 'proposedNewTime'), 'ProposedNewTime'),
    });
    return emptyAnswer(202);
  };

function cancel({ desk, target: { event, day } }: Action): GraphAnswer {
  if (!event.isOrganizer)
    throw new GraphFailure(
      400,
      'ErrorInvalidRequest',
      "Your request can't be completed. You need to be an organizer to cancel a meeting.",
    );
  if (day === null) deleteEvent(desk, event);
  else deleteOccurrence(desk, event, day);
  return emptyAnswer(202);
}

function readRecipients(body: Fields): readonly string[] {
  const recipients = member(body, 'toRecipients');
  if (!Array.isArray(recipients) || recipients.length === 0)
    throw wrongType('ToRecipients', 'Collection(microsoft.graph.recipient)');
  return recipients.map((each: unknown) => {
    const email = isRecord(each) ? member(each, 'emailAddress') : null;
    const address = isRecord(email) ? member(email, 'address') : null;
    if (typeof address === 'string' && address.includes('@')) return address.toLowerCase();
    throw new GraphFailure(400, 'ErrorInvalidRecipients', "At least one recipient isn't valid.");
  });
}

function forward({ desk, target: { event, day }, body }: Action): GraphAnswer {
  sendMail(desk, { event, day, kind: 'forward', to: readRecipients(body) });
  return emptyAnswer(202);
}

/** The reminder is one device's matter, but the event is touched. */
function remind({ desk, target: { event } }: Action): GraphAnswer {
  reviseEvent(desk.user.mailbox.calendar, event, { at: desk.at });
  return emptyAnswer(200);
}

const ACTIONS: ReadonlyMap<string, (action: Action) => GraphAnswer> = new Map<
  string,
  (action: Action) => GraphAnswer
>([
  ['accept', answering('accepted')],
  ['tentativelyaccept', answering('tentativelyAccepted')],
  ['decline', answering('declined')],
  ['cancel', cancel],
  ['forward', forward],
  ['dismissreminder', remind],
  ['snoozereminder', remind],
]);

/** `POST .../events/{id}/{name}`; undefined where there is no such action. */
export function answerAction(
  request: MailboxCall,
  action: { readonly name: string; readonly desk: Desk; readonly target: Addressed },
): GraphAnswer | undefined {
  const run = ACTIONS.get(action.name.toLowerCase());
  if (run === undefined) return undefined;
  if (request.call.method !== 'POST') throw methodNotAllowed();
  return run({ desk: action.desk, target: action.target, body: readBody(request) });
}
