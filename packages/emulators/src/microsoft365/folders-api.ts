import { answerContacts, isDelta } from './contacts-api.ts';
import { answerDelta, EMPTY_TOKENS, itemsOf } from './delta.ts';
import type { GraphAnswer } from './graph-call.ts';
import { emptyAnswer, jsonAnswer } from './graph-call.ts';
import {
  invalidFilter,
  itemNotFound,
  methodNotAllowed,
  unknownSegment,
  unreadableBody,
} from './graph-error.ts';
import type { Folder } from './mailbox.ts';
import { addFolder, childFolders, removeFolder, renameFolder } from './mailbox.ts';
import type { MailboxCall } from './mailbox-call.ts';
import { requireFolder, requireJson } from './mailbox-call.ts';
import { compileFilter, parseFilter } from './odata-filter.ts';
import { readPage, readQueryOptions, readSelect, withOption } from './query-options.ts';

const properties: ReadonlySet<string> = new Set(['id', 'parentFolderId', 'displayName']);

const contextOf = ({ call, user }: MailboxCall): string =>
  `${call.url.origin}/v1.0/$metadata#users('${user.id}')/contactFolders`;

const toGraphFolder = (folder: Folder, select: readonly string[] | undefined): Record<string, unknown> => {
  const shown: Record<string, unknown> = { id: folder.id };
  if (select?.includes('parentFolderId') ?? true) shown.parentFolderId = folder.parentId;
  if (select?.includes('displayName') ?? true) shown.displayName = folder.displayName;
  return shown;
};

const byName = (filter: string) =>
  compileFilter<Folder>(parseFilter(filter), (node) => {
    if (node.op !== 'compare' || node.by !== 'eq' || node.field.toLowerCase() !== 'displayname')
      throw invalidFilter();
    const wanted = String(node.value).toLowerCase();
    return (folder) => folder.displayName.toLowerCase() === wanted;
  });

const listFolders = (request: MailboxCall, parent: Folder): GraphAnswer => {
  const { call, mailbox } = request;
  const options = readQueryOptions(call.url, ['select', 'top', 'skip', 'filter', 'count']);
  const select = readSelect(options, properties, 'contactFolder');
  const { top, skip } = readPage(options, { fallback: 10, max: 1000 });
  const filter = options.get('filter');
  const children = childFolders(mailbox, parent.id);
  const folders = filter === undefined ? children : children.filter(byName(filter));
  return jsonAnswer(200, {
    '@odata.context': contextOf(request),
    ...(options.get('count') === 'true' ? { '@odata.count': folders.length } : {}),
    value: folders.slice(skip, skip + top).map((folder) => toGraphFolder(folder, select)),
    ...(skip + top < folders.length
      ? { '@odata.nextLink': withOption(call.url, '$skip', String(skip + top)) }
      : {}),
  });
};

const readFolderBody = (
  request: MailboxCall,
): { displayName: string | undefined; parentId: string | undefined } => {
  const body = requireJson(request.call);
  if (typeof body !== 'object' || body === null) throw unreadableBody('The request body is not an object.');
  for (const name of Object.keys(body)) {
    if (!properties.has(name) && !name.startsWith('@')) {
      throw unreadableBody(`The property '${name}' does not exist on type 'microsoft.graph.contactFolder'.`);
    }
  }
  const displayName: unknown = 'displayName' in body ? body.displayName : undefined;
  const parentId: unknown = 'parentFolderId' in body ? body.parentFolderId : undefined;
  if (displayName !== undefined && (typeof displayName !== 'string' || displayName === '')) {
    throw unreadableBody("The property 'displayName' must be a text that is not empty.");
  }
  return { displayName, parentId: typeof parentId === 'string' ? parentId : undefined };
};

const createFolder = (request: MailboxCall, parent: Folder): GraphAnswer => {
  const { displayName, parentId } = readFolderBody(request);
  if (displayName === undefined) throw unreadableBody("The property 'displayName' is required.");
  const under =
    parent.isDefault && parentId !== undefined ? requireFolder(request.mailbox, parentId) : parent;
  const folder = addFolder(request.mailbox, {
    displayName,
    parentId: under.id,
    at: request.world.clock.now(),
  });
  return jsonAnswer(201, {
    '@odata.context': `${contextOf(request)}/$entity`,
    ...toGraphFolder(folder, undefined),
  });
};

const answerFolder = (request: MailboxCall, folder: Folder): GraphAnswer => {
  const { call, mailbox, world } = request;
  if (call.method === 'DELETE') {
    removeFolder(mailbox, folder, { at: world.clock.now(), by: 'app' });
    return emptyAnswer(204);
  }
  if (call.method === 'PATCH') {
    const { displayName } = readFolderBody(request);
    if (displayName !== undefined) renameFolder(mailbox, folder, { displayName, at: world.clock.now() });
  } else if (call.method !== 'GET') throw methodNotAllowed();
  const options = readQueryOptions(call.url, ['select']);
  const select = readSelect(options, properties, 'contactFolder');
  return jsonAnswer(200, {
    '@odata.context': `${contextOf(request)}/$entity`,
    ...toGraphFolder(folder, select),
  });
};

const answerFoldersDelta = (request: MailboxCall, parent: Folder): GraphAnswer => {
  if (request.call.method !== 'GET') throw methodNotAllowed();
  return answerDelta<Folder>(request.world, request.call, {
    mailbox: request.mailbox,
    collection: `folders ${parent.id}`,
    odataType: '#microsoft.graph.contactFolder',
    context: contextOf(request),
    log: request.mailbox.folderLog,
    readOptions: () => readQueryOptions(request.call.url, ['select', ...EMPTY_TOKENS]).get('select'),
    viewOf: (text) => {
      const options = new Map(text === undefined ? [] : [['select', text] as const]);
      const select = readSelect(options, properties, 'contactFolder');
      return itemsOf<Folder>({
        isLive: (folder) => !folder.deleted,
        render: (folder) => toGraphFolder(folder, select),
        immutableIds: request.call.preferences.immutableIds,
      });
    },
  });
};

/** Everything at and below a `contactFolders` or `childFolders` segment; `parent` is whose children it lists. */
export function answerFolders(request: MailboxCall, parent: Folder, tail: readonly string[]): GraphAnswer {
  const [key, next, ...rest] = tail;
  if (key === undefined) {
    if (request.call.method === 'GET') return listFolders(request, parent);
    if (request.call.method === 'POST') return createFolder(request, parent);
    throw methodNotAllowed();
  }
  if (next === undefined && isDelta(key)) return answerFoldersDelta(request, parent);
  const folder = requireFolder(request.mailbox, key);
  if (!parent.isDefault && folder.parentId !== parent.id) throw itemNotFound();
  if (next === undefined) return answerFolder(request, folder);
  const segment = next.toLowerCase();
  if (segment === 'contacts') return answerContacts(request, { folder, flat: false }, rest);
  if (segment === 'childfolders') return answerFolders(request, folder, rest);
  if (segment === 'permanentdelete' && request.call.method === 'POST') {
    removeFolder(request.mailbox, folder, { at: request.world.clock.now(), by: 'app' });
    return emptyAnswer(204);
  }
  throw unknownSegment(next);
}
