import type { GraphAnswer } from '../graph-call.ts';
import { emptyAnswer, jsonAnswer } from '../graph-call.ts';
import { GraphFailure, methodNotAllowed, unknownSegment } from '../graph-error.ts';
import { checkCurrent, type MailboxCall, requireJson, scheduleTouch } from '../mailbox-call.ts';
import { readQueryOptions } from '../query-options.ts';
import {
  type Addressed,
  appliedHeaders,
  type CalendarPlace,
  contextOf,
  forListing,
  readView,
  requireEvent,
  shownOf,
} from './calendar-call.ts';
import { calendarRows, reviseEvent } from './calendar-store.ts';
import { answerInstances } from './calendar-view-api.ts';
import type { Desk } from './desk.ts';
import { answerAction } from './event-actions.ts';
import { readEventWrite, readTransactionId } from './event-input.ts';
import { selectEvents, toRows } from './event-query.ts';
import { answerRows, LISTING } from './event-rows.ts';
import { eventIdOf, type Shown, shownWhole, toEtag, toGraphEvent } from './event-view.ts';
import { createEvent, deleteEvent, deleteOccurrence, updateEvent, updateOccurrence } from './event-writes.ts';
import type { StoredEvent } from './stored-event.ts';

const deskOf = ({ world, user }: MailboxCall): Desk => ({ world, user, by: 'app', at: world.clock.now() });

function listEvents(request: MailboxCall, place: CalendarPlace): GraphAnswer {
  const { call, mailbox } = request;
  const options = readQueryOptions(call.url, LISTING);
  const view = forListing(readView(request, options));
  const { calendar } = place;
  const rows = selectEvents(
    {
      store: mailbox.calendar,
      calendar,
      name: 'events',
      rows: (among) => toRows(among ?? calendarRows(calendar)),
    },
    { filter: options.get('filter'), orderby: options.get('orderby') },
  );
  return answerRows(request, rows, { context: contextOf(request, place, view.select), view });
}

/** Answers to writes show the event whole, without extended properties. */
function showWritten(
  request: MailboxCall,
  place: CalendarPlace,
  written: { readonly shown: Shown; readonly status: 200 | 201 },
): GraphAnswer {
  const view = readView(request, new Map());
  const { shown, status } = written;
  return jsonAnswer(
    status,
    { '@odata.context': `${contextOf(request, place)}/$entity`, ...toGraphEvent(shown, view) },
    { ETag: toEtag(shown.event), ...appliedHeaders(request) },
  );
}

const duplicate = (existing: string): GraphFailure =>
  new GraphFailure(409, 'ErrorDuplicateTransactionId', {
    message:
      "Your request can't be completed. The TransactionId specified in the request has already been used to create a " +
      'different event.',
    members: { '@event.existingEventId': existing },
  });

/** A key is one application's own, in one mailbox. */
function readTransaction(request: MailboxCall, id: string | undefined): StoredEvent['transaction'] {
  if (id === undefined) return undefined;
  const { session, mailbox } = request;
  const key = `${session.clientId} ${id}`;
  const known = mailbox.calendar.transactions.get(key);
  if (known !== undefined) throw duplicate(eventIdOf(shownWhole(known), readView(request, new Map())));
  return { id, key };
}

function postEvent(request: MailboxCall, place: CalendarPlace): GraphAnswer {
  const { call, mailbox } = request;
  readQueryOptions(call.url, []);
  readView(request, new Map());
  const body = requireJson(call);
  const transaction = readTransaction(request, readTransactionId(body));
  const write = readEventWrite(body, { before: undefined });
  const desk = deskOf(request);
  const event = createEvent(desk, place.calendar, { write, transaction });
  scheduleTouch(request, desk.at, (at) => reviseEvent(mailbox.calendar, event, { at }));
  return showWritten(request, place, { shown: shownWhole(event), status: 201 });
}

function readEvent(request: MailboxCall, place: CalendarPlace, target: Addressed): GraphAnswer {
  const view = readView(request, readQueryOptions(request.call.url, ['select', 'expand']));
  const shown = shownOf(target, view);
  return jsonAnswer(
    200,
    { '@odata.context': `${contextOf(request, place, view.select)}/$entity`, ...toGraphEvent(shown, view) },
    { ETag: toEtag(shown.event), ...appliedHeaders(request) },
  );
}

function patchEvent(request: MailboxCall, place: CalendarPlace, target: Addressed): GraphAnswer {
  const { call } = request;
  readQueryOptions(call.url, []);
  const view = readView(request, new Map());
  checkCurrent(request, target.event);
  const { event, day } = target;
  const before = shownOf(target, view).content;
  const write = readEventWrite(requireJson(call), { before, isOccurrence: day !== null });
  if (day === null) updateEvent(deskOf(request), event, write);
  else updateOccurrence(deskOf(request), { event, day }, write);
  return showWritten(request, place, { shown: shownOf(target, view), status: 200 });
}

function dropEvent(request: MailboxCall, { event, day }: Addressed): GraphAnswer {
  checkCurrent(request, event);
  if (day === null) deleteEvent(deskOf(request), event);
  else deleteOccurrence(deskOf(request), event, day);
  return emptyAnswer(204);
}

/** `action` is what follows the id. */
function answerBelow(
  request: MailboxCall,
  place: CalendarPlace,
  below: { readonly target: Addressed; readonly action: string },
): GraphAnswer {
  const { target, action } = below;
  const { method } = request.call;
  const name = action.toLowerCase();
  if (name === 'instances') {
    if (method !== 'GET') throw methodNotAllowed();
    return answerInstances(request, place, target.event);
  }
  if (name === 'attachments' && method === 'GET') return jsonAnswer(200, { value: [] });
  const answer = answerAction(request, { name, target, desk: deskOf(request) });
  if (answer !== undefined) return answer;
  if (name !== 'permanentdelete') throw unknownSegment(action);
  if (method !== 'POST') throw methodNotAllowed();
  return dropEvent(request, target);
}

/** Everything at and below an `events` segment. */
export function answerEvents(
  request: MailboxCall,
  place: CalendarPlace,
  tail: readonly string[],
): GraphAnswer {
  const [id, action, ...rest] = tail;
  const { method } = request.call;
  if (id === undefined) {
    if (method === 'GET') return listEvents(request, place);
    if (method === 'POST') return postEvent(request, place);
    throw methodNotAllowed();
  }
  if (id.startsWith('$') || rest.length > 0) throw unknownSegment(rest[0] ?? id);
  const target = requireEvent(request.mailbox.calendar, id, place);
  if (action !== undefined) return answerBelow(request, place, { target, action });
  if (method === 'GET') return readEvent(request, place, target);
  if (method === 'PATCH') return patchEvent(request, place, target);
  if (method === 'DELETE') return dropEvent(request, target);
  throw methodNotAllowed();
}
