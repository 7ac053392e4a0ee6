import { readContactWrite } from './contact-input.ts';
import { selectContacts } from './contact-query.ts';
import { readContactView, toEtag, toGraphContact } from './contact-view.ts';
import { answerDelta, EMPTY_TOKENS, itemsOf } from './delta.ts';
import type { GraphAnswer } from './graph-call.ts';
import { emptyAnswer, jsonAnswer } from './graph-call.ts';
import { methodNotAllowed, unknownSegment } from './graph-error.ts';
import type { Folder, StoredContact } from './mailbox.ts';
import { addContact, removeContact, touchContact } from './mailbox.ts';
import type { MailboxCall } from './mailbox-call.ts';
import { checkCurrent, requireContact, requireJson, scheduleTouch } from './mailbox-call.ts';
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
  scheduleTouch(request, at, (due) => touchContact(mailbox, contact, { at: due }));
  return jsonAnswer(201, showWritten(request, place, contact), { ETag: toEtag(contact.changeKey) });
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
    readOptions: () => readQueryOptions(call.url, ['select', ...EMPTY_TOKENS]).get('select'),
    viewOf: (select) => {
      const options = new Map(select === undefined ? [] : [['select', select] as const]);
      const { immutableIds } = call.preferences;
      const view = readContactView(options, immutableIds);
      return itemsOf<StoredContact>({
        isLive: (contact) => contact.folder === folder,
        render: (contact) => toGraphContact(contact, view),
        immutableIds,
      });
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
