import { editCalendar, showCalendar } from './calendar/calendar-page.ts';
import type { OracleContact } from './oracle.ts';
import { createOracle } from './oracle.ts';
import { createOutlookAdmin } from './outlook-admin.ts';
import type { World } from './world.ts';

export interface PageRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

const rowLimit = 200;

const haystack = (contact: OracleContact): string =>
  [
    contact.displayName,
    contact.companyName,
    contact.jobTitle,
    contact.mobilePhone,
    ...contact.businessPhones,
    ...contact.emailAddresses.map((email) => email.address),
  ]
    .join('\n')
    .toLowerCase();

const byRecency = (a: OracleContact, b: OracleContact): number =>
  b.lastModifiedDateTime.localeCompare(a.lastModifiedDateTime);
const byName = (a: OracleContact, b: OracleContact): number => (a.fileAs ?? '').localeCompare(b.fileAs ?? '');

const listMailboxes = (world: World) => ({
  mailboxes: [...world.users.values()].map((user) => ({
    id: user.id,
    displayName: user.displayName,
    mail: user.mail,
    tenant: world.tenants.get(user.tenantId)?.displayName ?? '',
    contacts: createOracle(world).counts(user.id).contacts,
  })),
});

/** Rows only when the version differs from the one the page has. */
const listContacts = (world: World, query: URLSearchParams) => {
  const oracle = createOracle(world);
  const user = query.get('user') ?? '';
  const version = oracle.version(user);
  if (query.get('since') === String(version)) return { version };
  const search = (query.get('search') ?? '').toLowerCase();
  const all = oracle.contacts(user);
  const found = search === '' ? [...all] : all.filter((contact) => haystack(contact).includes(search));
  found.sort(query.get('sort') === 'recent' ? byRecency : byName);
  const folders = oracle.folders(user).map(({ id, displayName }) => ({ id, displayName }));
  return { version, total: all.length, found: found.length, folders, rows: found.slice(0, rowLimit) };
};

interface ContactEdit {
  user: string;
  id: string;
  contact: Record<string, unknown>;
}

const applyEdit = (world: World, method: string, edit: ContactEdit): unknown => {
  const admin = createOutlookAdmin(world);
  if (method === 'POST') return admin.createContact(edit.user, edit.contact);
  if (method === 'PATCH') return admin.updateContact(edit.user, edit.id, edit.contact);
  return admin.deleteContact(edit.user, edit.id);
};

/**
 * JSON back end of the page, under `/_emulator/`. Edits need a JSON content type, which a page of another origin
 * cannot send without asking first.
 */
export function answerPage(world: World, request: PageRequest): Response {
  const { method, url, headers } = request;
  try {
    if (method === 'GET' && url.pathname === '/_emulator/mailboxes')
      return Response.json(listMailboxes(world));
    if (url.pathname === '/_emulator/calendar' && method === 'GET')
      return Response.json(showCalendar(world, url.searchParams));
    if (url.pathname !== '/_emulator/contacts' && url.pathname !== '/_emulator/calendar')
      return Response.json({ error: 'not found' }, { status: 404 });
    if (method === 'GET') return Response.json(listContacts(world, url.searchParams));
    if (!(headers.get('content-type') ?? '').startsWith('application/json')) {
      return Response.json({ error: 'send JSON' }, { status: 415 });
    }
    const edit = url.pathname === '/_emulator/calendar' ? editCalendar : applyEdit;
    return Response.json(edit(world, method, JSON.parse(request.body)));
  } catch (error) {
    return Response.json({ error: error instanceof Error ? error.message : 'failed' }, { status: 400 });
  }
}
