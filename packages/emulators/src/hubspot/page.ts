import { renderPage } from '../kit/index.ts';
import type { Admin } from './admin.ts';
import { ApiError } from './api-error.ts';
import { PAGE_BODY, PAGE_SCRIPT } from './page-markup.ts';
import { type Portal, requireTable } from './portal.ts';
import type { Row } from './row.ts';
import { isObject } from './values.ts';
import { allValues } from './wire.ts';

/** How many contacts the page shows at once; the search narrows them down. */
const SHOWN = 200;
const SEARCHED = ['firstname', 'lastname', 'email', 'company', 'jobtitle', 'phone'];

interface PageOptions {
  readonly portal: Portal;
  readonly admin: Admin;
  readonly title: string;
}

function reply(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

const lastChange = (row: Row): string => {
  const entries = Object.values(row.history).flatMap(([newest]) => newest ?? []);
  const newest = entries.reduce<(typeof entries)[number] | null>(
    (best, entry) => (best === null || entry.at > best.at ? entry : best),
    null,
  );
  if (newest === null) return '';
  return newest.source === 'INTEGRATION' ? newest.sourceId : 'a person';
};

function listContacts(portal: Portal, query: URLSearchParams): Response {
  portal.settle();
  const { version } = portal;
  if (query.get('since') === String(version)) return reply(200, { version, unchanged: true });
  const table = requireTable(portal, 'contacts');
  const search = (query.get('search') ?? '').trim().toLowerCase();
  const rows = [...table.rows()].filter((row) => row.archivedAt === null);
  const found = rows
    .filter(
      (row) => search === '' || SEARCHED.some((name) => row.values[name]?.toLowerCase().includes(search)),
    )
    .sort((left, right) => right.updatedAt - left.updatedAt);
  const contacts = found.slice(0, SHOWN).map((row) => ({
    ...allValues(table, row),
    id: row.id,
    owner: portal.owners.get(row.values.hubspot_owner_id ?? '')?.email ?? null,
    changedBy: lastChange(row),
  }));
  return reply(200, { version, total: rows.length, found: found.length, contacts });
}

/** Changes made on the page are acts of a person, and come as JSON so that no foreign page can post them. */
async function changeContact({ admin }: PageOptions, request: Request, id: string): Promise<Response> {
  if (request.method === 'DELETE') {
    admin.archiveContact(id);
    return reply(200, { id });
  }
  if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
    return reply(415, { message: 'JSON only' });
  const body: unknown = await request.json().catch(() => undefined);
  if (!isObject(body)) return reply(400, { message: 'The form did not arrive as JSON' });
  const values = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
  if (request.method === 'PATCH') {
    admin.updateContact(id, values);
    return reply(200, { id });
  }
  return reply(201, { id: admin.createContact(values) });
}

/** `GET /` and its back end below `/_emulator/`. */
export function createPageServer(options: PageOptions): (request: Request) => Promise<Response> {
  const html = renderPage({
    title: options.title,
    subtitle: 'Contacts of an emulated HubSpot account',
    bodyHtml: PAGE_BODY,
    script: PAGE_SCRIPT,
  });
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/')
      return new Response(html, { headers: { 'content-type': 'text/html;charset=UTF-8' } });
    const id = /^\/_emulator\/contacts(?:\/(\d+))?$/.exec(pathname);
    if (id === null) return reply(404, { message: 'There is no such page' });
    if (request.method === 'GET') return listContacts(options.portal, searchParams);
    if ((request.method === 'POST') !== (id[1] === undefined))
      return reply(405, { message: 'Not possible here' });
    try {
      return await changeContact(options, request, id[1] ?? '');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return reply(error.status, { message: error.message });
    }
  };
}
