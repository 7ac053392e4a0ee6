import { type ContactsShown, createContactPage, SHOWN } from '../kit/index.ts';
import type { Admin } from './admin.ts';
import { ApiError } from './api-error.ts';
import { toWireFields } from './field-coercion.ts';
import { type Org, requireTable } from './org.ts';
import { PAGE_BODY, PAGE_SCRIPT } from './page-markup.ts';
import { isDeleted, type Row, storedValue } from './row.ts';

const SEARCHED = ['Name', 'Email', 'Title', 'Phone', 'MobilePhone', 'Department'];

interface PageOptions {
  readonly org: Org;
  readonly admin: Admin;
  readonly title: string;
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

function show(org: Org, search: string): ContactsShown {
  const table = requireTable(org, 'Contact');
  const rows = [...table.byId('')].filter((row) => !isDeleted(row));
  const found = rows.filter((row) => matches(row, search)).sort((left, right) => right.stamp - left.stamp);
  const contacts = found.slice(0, SHOWN).map((row) => ({
    ...toWireFields(table.object, row),
    AccountName: nameOf(org, 'Account', storedValue(row, 'AccountId')),
    ChangedBy: nameOf(org, 'User', storedValue(row, 'LastModifiedById')),
  }));
  return { total: rows.length, found: found.length, contacts };
}

const messageOf = ({ entries }: ApiError): string => entries.map((entry) => entry.message).join(' ');

/** `GET /` and its back end below `/_emulator/`. */
export const createPageServer = ({ org, admin, title }: PageOptions) =>
  createContactPage({
    title: 'Salesforce',
    subtitle: `contacts of the org "${title}"`,
    bodyHtml: PAGE_BODY,
    script: PAGE_SCRIPT,
    idPattern: '[A-Za-z0-9]{18}',
    version() {
      org.settle();
      return org.version;
    },
    show: (search) => show(org, search),
    create: (fields) => admin.createContact(fields),
    update: (id, fields) => admin.updateContact(id, fields),
    remove: (id) => admin.deleteContact(id),
    refusalOf: (error) =>
      error instanceof ApiError ? { status: error.status, message: messageOf(error) } : undefined,
  });
