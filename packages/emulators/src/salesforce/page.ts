import {
  type ContactsShown,
  createContactPage,
  type EventShown,
  type EventsShown,
  SHOWN,
} from '../kit/index.ts';
import type { Admin } from './admin.ts';
import { ApiError } from './api-error.ts';
import { relationsOf } from './event-guests.ts';
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

const textOf = (row: Row, name: string): string => String(storedValue(row, name) ?? '');

const nameOfPerson = (org: Org, id: unknown): string => {
  const name = nameOf(org, org.tableOf(String(id))?.object.name ?? 'Contact', id);
  return typeof name === 'string' ? name : String(id);
};

function marksOf(row: Row): string[] {
  const marks: readonly (readonly [string, boolean])[] = [
    ['series', storedValue(row, 'GroupEventType') === '3'],
    ['of a series', storedValue(row, 'IsRecurrence2') === true && storedValue(row, 'GroupEventType') !== '3'],
    ['exception', storedValue(row, 'IsRecurrence2Exception') === true],
    ['all day', storedValue(row, 'IsAllDayEvent') === true],
    ['private', storedValue(row, 'IsPrivate') === true],
    ["invitee's copy", storedValue(row, 'IsChild') === true],
  ];
  return marks.filter(([, holds]) => holds).map(([mark]) => mark);
}

function toShown(org: Org, row: Row): EventShown {
  const allDay = storedValue(row, 'IsAllDayEvent') === true;
  const when = (name: string, day: string): string =>
    allDay ? textOf(row, day) : new Date(Number(storedValue(row, name))).toISOString();
  return {
    id: row.id,
    subject: textOf(row, 'Subject'),
    start: when('StartDateTime', 'ActivityDate'),
    end: when('EndDateTime', 'EndDate'),
    where: textOf(row, 'Location'),
    owner: nameOfPerson(org, storedValue(row, 'OwnerId')),
    people: relationsOf(org, row.id).map((each) => nameOfPerson(org, storedValue(each, 'RelationId'))),
    marks: marksOf(row),
  };
}

function showEvents(org: Org): EventsShown {
  const rows = [...requireTable(org, 'Event').byId('')].filter((row) => !isDeleted(row));
  const start = (row: Row): number => Number(storedValue(row, 'StartDateTime'));
  const shown = [...rows].sort((left, right) => start(right) - start(left)).slice(0, SHOWN);
  return { total: rows.length, events: shown.map((row) => toShown(org, row)) };
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
    showEvents: () => showEvents(org),
    create: (fields) => admin.createContact(fields),
    update: (id, fields) => admin.updateContact(id, fields),
    remove: (id) => admin.deleteContact(id),
    refusalOf: (error) =>
      error instanceof ApiError ? { status: error.status, message: messageOf(error) } : undefined,
  });
