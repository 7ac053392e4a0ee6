import { renderPage } from '../kit/index.ts';
import type { Admin } from './admin.ts';
import { ApiError } from './api-error.ts';
import { toWireFields } from './field-coercion.ts';
import { type Org, requireTable } from './org.ts';
import { PAGE_BODY, PAGE_SCRIPT } from './page-markup.ts';
import { isObject } from './record-input.ts';
import { isDeleted, type Row, storedValue } from './row.ts';

/** How many contacts the page shows at once; the search narrows them down. */
const SHOWN = 200;

const SEARCHED = ['Name', 'Email', 'Title', 'Phone', 'MobilePhone', 'Department'];

interface PageOptions {
  readonly org: Org;
  readonly admin: Admin;
  readonly title: string;
}

function reply(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

function nameOf(org: Org, objectName: string, id: unknown): unknown {
  const row = typeof id === 'string' ? requireTable(org, objectName).get(id) : undefined;
  return row === undefined ? null : storedValue(row, 'Name');
}

function matches(row: Row, search: string): boolean {
  return (
    search === '' ||
    SEARCHED.some((name) =>
      String(storedValue(row, name) ?? '')
        .toLowerCase()
        .includes(search),
    )
  );
}

function listContacts(org: Org, query: URLSearchParams): Response {
  org.settle();
  if (query.get('since') === String(org.version))
    return reply(200, { version: org.version, unchanged: true });
  const table = requireTable(org, 'Contact');
  const search = (query.get('search') ?? '').trim().toLowerCase();
  const rows = [...table.byId('')].filter((row) => !isDeleted(row));
  const found = rows.filter((row) => matches(row, search)).sort((left, right) => right.stamp - left.stamp);
  const contacts = found.slice(0, SHOWN).map((row) => ({
    ...toWireFields(table.object, row),
    AccountName: nameOf(org, 'Account', storedValue(row, 'AccountId')),
    ChangedBy: nameOf(org, 'User', storedValue(row, 'LastModifiedById')),
  }));
  return reply(200, { version: org.version, total: rows.length, found: found.length, contacts });
}

async function readFields(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (isObject(body)) return body;
  throw new ApiError(400, [{ errorCode: 'JSON_PARSER_ERROR', message: 'The form did not arrive as JSON' }]);
}

/** Changes made on the page are acts of a person, and come as JSON so that no foreign page can post them. */
async function changeContact({ admin }: PageOptions, request: Request, id: string): Promise<Response> {
  if (request.method === 'DELETE') {
    admin.deleteContact(id);
    return reply(200, { id });
  }
  if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
    return reply(415, { message: 'JSON only' });
  const fields = await readFields(request);
  if (request.method === 'PATCH') {
    admin.updateContact(id, fields);
    return reply(200, { id });
  }
  return reply(201, { id: admin.createContact(fields) });
}

/** `GET /` and its back end below `/_emulator/`. */
export function createPageServer(options: PageOptions): (request: Request) => Promise<Response> {
  const html = renderPage({
    title: 'Salesforce',
    subtitle: `contacts of the org "${options.title}"`,
    bodyHtml: PAGE_BODY,
    script: PAGE_SCRIPT,
  });
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/')
      return new Response(html, { headers: { 'content-type': 'text/html;charset=UTF-8' } });
    const id = /^\/_emulator\/contacts(?:\/([A-Za-z0-9]{18}))?$/.exec(pathname);
    if (id === null) return reply(404, { message: 'There is no such page' });
    if (request.method === 'GET') return listContacts(options.org, searchParams);
    if ((request.method === 'POST') !== (id[1] === undefined))
      return reply(405, { message: 'Not possible here' });
    try {
      return await changeContact(options, request, id[1] ?? '');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return reply(error.status, { message: error.entries.map((entry) => entry.message).join(' ') });
    }
  };
}
