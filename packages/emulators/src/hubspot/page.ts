import { type ContactsShown, createContactPage, type EventsShown, SHOWN } from '../kit/index.ts';
import type { Admin } from './admin.ts';
import { ApiError } from './api-error.ts';
import { associatedWith } from './associations.ts';
import { PAGE_BODY, PAGE_SCRIPT } from './page-markup.ts';
import { type Portal, requireTable } from './portal.ts';
import type { Row } from './row.ts';
import { allValues } from './wire.ts';

const SEARCHED = ['firstname', 'lastname', 'email', 'company', 'jobtitle', 'phone'];

interface PageOptions {
  readonly portal: Portal;
  readonly admin: Admin;
  readonly title: string;
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

function show(portal: Portal, search: string): ContactsShown {
  const table = requireTable(portal, 'contacts');
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
  return { total: rows.length, found: found.length, contacts };
}

function showEvents(portal: Portal): EventsShown {
  const table = requireTable(portal, 'meetings');
  const contacts = requireTable(portal, 'contacts');
  const rows = [...table.rows()].filter((row) => row.archivedAt === null);
  const nameOf = (id: string): string => {
    const { firstname = '', lastname = '', email = '' } = contacts.get(id)?.values ?? {};
    return `${firstname} ${lastname}`.trim() || email;
  };
  const start = (row: Row): string => row.values.hs_meeting_start_time ?? row.values.hs_timestamp ?? '';
  const shown = rows.sort((left, right) => (start(left) < start(right) ? 1 : -1)).slice(0, SHOWN);
  const events = shown.map((row) => ({
    id: row.id,
    subject: row.values.hs_meeting_title ?? '',
    start: start(row),
    end: row.values.hs_meeting_end_time ?? start(row),
    where: row.values.hs_meeting_location ?? '',
    owner: portal.owners.get(row.values.hubspot_owner_id ?? '')?.email ?? '',
    people: associatedWith(portal, { table, id: row.id }, contacts).map(({ id }) => nameOf(id)),
    marks: [row.values.hs_meeting_outcome ?? ''].filter((mark) => mark !== ''),
  }));
  return { total: rows.length, events };
}

/** All values are texts. */
const toValues = (fields: Readonly<Record<string, unknown>>): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value === null ? null : String(value)]),
  );

/** `GET /` and its back end below `/_emulator/`. */
export const createPageServer = ({ portal, admin, title }: PageOptions) =>
  createContactPage({
    title,
    subtitle: 'Contacts of an emulated HubSpot account',
    bodyHtml: PAGE_BODY,
    script: PAGE_SCRIPT,
    idPattern: '\\d+',
    version() {
      portal.settle();
      return portal.version;
    },
    show: (search) => show(portal, search),
    showEvents: () => showEvents(portal),
    create: (fields) => admin.createContact(toValues(fields)),
    update: (id, fields) => admin.updateContact(id, toValues(fields)),
    remove: (id) => admin.archiveContact(id),
    refusalOf: (error) => (error instanceof ApiError ? error : undefined),
  });
