import { readContactWrite } from './contact-input.ts';
import { selectContacts } from './contact-query.ts';
import { readContactView, toEtag, toGraphContact } from './contact-view.ts';
import { answerDelta } from './delta.ts';
import type { GraphAnswer } from './graph-call.ts';
import { emptyAnswer, jsonAnswer, toFaultPath } from './graph-call.ts';
import { changeKeyConflict, methodNotAllowed, unknownSegment } from './graph-error.ts';
import type { Folder, StoredContact } from './mailbox.ts';
import { addContact, removeContact, touchContact } from './mailbox.ts';
import type { MailboxCall } from './mailbox-call.ts';
import { requireContact, requireJson } from './mailbox-call.ts';
import { readPage, readQueryOptions, withOption } from './query-options.ts';

/** `flat` is `/users/{id}/contacts`: lists the default folder, but addresses known ids of every folder. */
export interface ContactsPlace {
  folder: Folder;
  flat: boolean;
}

const contextOf = ({ call, user }: MailboxCall, place: ContactsPlace): string => {
  const folder = place.flat ? '' : `/contactFolders('${encodeURIComponent(place.folder.id)}')`;
  return `${call.url.origin}/v1.0/$metadata#users('${user.id}')${folder}/contacts`;
};

const listContacts = (request: MailboxCall, place: ContactsPlace): GraphAnswer => {
  const { call, mailbox } = request;
  const supported = ['select', 'top', 'skip', 'filter', 'expand', 'orderby', 'count'];
  const options = readQueryOptions(call.url, supported);
  const view = readContactView(options, call.preferences.immutableIds);
  const { top, skip } = readPage(options, { fallback: 10, max: 1000 });
  const query = { filter: options.get('filter'), orderby: options.get('orderby') };
  const rows = selectContacts(mailbox, place.folder, query);
  const more = skip + top < rows.length;
  return jsonAnswer(200, {
    '@odata.context': contextOf(request, place),
    ...(options.get('count') === 'true' ? { '@odata.count': rows.length } : {}),
    value: rows.slice(skip, skip + top).map((contact) => toGraphContact(contact, view)),
    ...(more ? { '@odata.nextLink': withOption(call.url, '$skip', String(skip + top)) } : {}),
  });
};

/** Answers to writes show the contact whole, without extended properties. */
const showWritten = (request: MailboxCall, place: ContactsPlace, contact: StoredContact) => {
  const view = { select: undefined, expand: new Map(), immutableIds: request.call.preferences.immutableIds };
  return {
    '@odata.context': `${contextOf(request, place)}/$entity`,
    ...toGraphContact(contact, view),
  };
};

const createContact = (request: MailboxCall, place: ContactsPlace): GraphAnswer => {
  const { world, call, mailbox } = request;
  readQueryOptions(call.url, []);
  const write = readContactWrite(requireJson(call), []);
  const at = world.clock.now();
  const contact = addContact(mailbox, place.folder, { ...write, at });
  const { share, minMs, maxMs } = world.settings.churn;
  if (share > 0 && world.random.next() < share) {
    mailbox.touches.push({ due: at + minMs + world.random.int(Math.max(1, maxMs - minMs + 1)), contact });
  }
  return jsonAnswer(201, showWritten(request, place, contact), { ETag: toEtag(contact.changeKey) });
};

/** Named fault `transient-412`: refused with or without If-Match, though the change key may be current. */
const checkCurrent = ({ world, call }: MailboxCall, contact: StoredContact): void => {
  if (world.faults.takeNamed('transient-412', toFaultPath(call.url)) !== undefined) throw changeKeyConflict();
  const expected = call.headers.get('if-match');
  if (expected === null || expected.trim() === '*') return;
  if (/^(W\/)?"(.*)"$/.exec(expected.trim())?.[2] !== contact.changeKey) throw changeKeyConflict();
};

const readContact = (request: MailboxCall, place: ContactsPlace, contact: StoredContact): GraphAnswer => {
  const options = readQueryOptions(request.call.url, ['select', 'expand']);
  const view = readContactView(options, request.call.preferences.immutableIds);
  return jsonAnswer(
    200,
    { '@odata.context': `${contextOf(request, place)}/$entity`, ...toGraphContact(contact, view) },
    { ETag: toEtag(contact.changeKey) },
  );
};

const updateContact = (request: MailboxCall, place: ContactsPlace, contact: StoredContact): GraphAnswer => {
  readQueryOptions(request.call.url, []);
  checkCurrent(request, contact);
  const write = readContactWrite(requireJson(request.call), contact.content.emailAddresses);
  touchContact(request.mailbox, contact, { at: request.world.clock.now(), write });
  return jsonAnswer(200, showWritten(request, place, contact), { ETag: toEtag(contact.changeKey) });
};

const deleteContact = (request: MailboxCall, contact: StoredContact): GraphAnswer => {
  checkCurrent(request, contact);
  removeContact(request.mailbox, contact, { at: request.world.clock.now(), by: 'app' });
  return emptyAnswer(204);
};

const answerItem = (request: MailboxCall, place: ContactsPlace, tail: readonly string[]): GraphAnswer => {
  const [id = '', action] = tail;
  const contact = requireContact(request.mailbox, id, place.flat ? undefined : place.folder);
  const { method } = request.call;
  if (action !== undefined) {
    if (tail.length > 2 || action.toLowerCase() !== 'permanentdelete') throw unknownSegment(action);
    if (method !== 'POST') throw methodNotAllowed();
    return deleteContact(request, contact);
  }
  if (method === 'GET') return readContact(request, place, contact);
  if (method === 'PATCH') return updateContact(request, place, contact);
  if (method === 'DELETE') return deleteContact(request, contact);
  throw methodNotAllowed();
};

export const isDelta = (segment: string): boolean => /^(microsoft\.graph\.)?delta(\(\))?$/i.test(segment);

const answerContactsDelta = (request: MailboxCall, place: ContactsPlace): GraphAnswer => {
  const { world, call, mailbox } = request;
  if (call.method !== 'GET') throw methodNotAllowed();
  const { folder } = place;
  return answerDelta<StoredContact>(world, call, {
    mailbox,
    collection: folder.id,
    odataType: '#microsoft.graph.contact',
    context: contextOf(request, place),
    log: folder.log,
    isLive: (contact) => contact.folder === folder,
    viewOf: (select) => {
      const options = new Map(select === undefined ? [] : [['select', select] as const]);
      const view = readContactView(options, call.preferences.immutableIds);
      return (contact) => toGraphContact(contact, view);
    },
  });
};

/** Everything at and below a `contacts` segment. */
export function answerContacts(
  request: MailboxCall,
  place: ContactsPlace,
  tail: readonly string[],
): GraphAnswer {
  const [first] = tail;
  if (first === undefined) {
    if (request.call.method === 'GET') return listContacts(request, place);
    if (request.call.method === 'POST') return createContact(request, place);
    throw methodNotAllowed();
  }
  if (tail.length === 1 && isDelta(first)) return answerContactsDelta(request, place);
  if (first.startsWith('$')) throw unknownSegment(first);
  return answerItem(request, place, tail);
}
