import {
  afterRelationCreate,
  afterRelationDelete,
  completeRelation,
  deleteGuests,
  deletePerson,
  followWho,
  updateChildren,
} from './event-guests.ts';
import { completeEvent } from './event-rules.ts';
import { createSeries, deleteInSeries, seriesOf, updateInSeries } from './event-series.ts';
import { namesTimes } from './event-times.ts';
import { type Org, requireTable } from './org.ts';
import type { Changes } from './record-input.ts';
import { type Actor, moveToBin, store } from './record-store.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, type Row, storedValue } from './row.ts';

export interface NewRow {
  readonly table: RecordTable;
  readonly id: string;
  readonly values: Changes;
}

export interface ChangedRow {
  readonly table: RecordTable;
  readonly before: Row;
  readonly changes: Changes;
  readonly values: Changes;
}

export interface LostRow {
  readonly table: RecordTable;
  readonly row: Row;
}

/** What an object does with a write, once it is allowed. */
export interface ObjectBehaviour {
  /** Values besides those named. Throws for what must not be. */
  complete(org: Org, write: { readonly changes: Changes; readonly before: Row | undefined }): Changes;
  insert(org: Org, row: NewRow, actor: Actor): void;
  update(org: Org, row: ChangedRow, actor: Actor): void;
  remove(org: Org, row: LostRow, actor: Actor): void;
}

const composedName = (changes: Changes, before: Row | undefined): Changes => {
  const merged = { ...before?.values, ...changes };
  const parts = [merged.FirstName ?? null, merged.LastName ?? null].filter((part) => part !== null);
  return { Name: parts.join(' ') };
};

const plain: ObjectBehaviour = {
  complete: () => ({}),
  insert: (org, row, actor) => void store(org, { ...row, operation: 'create' }, actor),
  update: (org, { table, before, values }, actor) =>
    void store(org, { table, id: before.id, values, operation: 'update' }, actor),
  remove: (org, { table, row }, actor) => moveToBin(org, { table, row }, actor),
};

const person: ObjectBehaviour = {
  ...plain,
  complete: (_, { changes, before }) => composedName(changes, before),
  remove(org, { table, row }, actor) {
    moveToBin(org, { table, row }, actor);
    deletePerson(org, row.id, actor);
  },
};

const lead: ObjectBehaviour = {
  ...person,
  complete: (_, { changes, before }) => ({
    ...composedName(changes, before),
    ...(before === undefined ? { Status: changes.Status ?? 'Open - Not Contacted' } : {}),
  }),
};

/** An account takes its contacts along. */
const account: ObjectBehaviour = {
  ...plain,
  remove(org, { table, row }, actor) {
    moveToBin(org, { table, row }, actor);
    const contacts = requireTable(org, 'Contact');
    for (const contact of [...contacts.latestRows()]) {
      if (!isDeleted(contact) && storedValue(contact, 'AccountId') === row.id)
        person.remove(org, { table: contacts, row: contact }, actor);
    }
  },
};

const event: ObjectBehaviour = {
  complete: completeEvent,
  insert(org, row, actor) {
    if ((row.values.Recurrence2PatternText ?? null) !== null) createSeries(org, row, actor);
    else plain.insert(org, row, actor);
    followWho(org, { id: row.id, before: undefined, after: row.values }, actor);
  },
  update(org, { table, before, changes, values }, actor) {
    if (seriesOf(before) !== undefined) {
      updateInSeries(org, { table, before, changes, values, critical: namesTimes(changes) }, actor);
      return;
    }
    plain.update(org, { table, before, changes, values }, actor);
    followWho(org, { id: before.id, before, after: values }, actor);
    updateChildren(org, { id: before.id, values }, actor);
  },
  remove(org, { table, row }, actor) {
    if (seriesOf(row) === undefined) moveToBin(org, { table, row }, actor);
    else deleteInSeries(org, { table, row }, actor);
    deleteGuests(org, row.id, actor);
  },
};

const relation: ObjectBehaviour = {
  ...plain,
  complete: completeRelation,
  insert(org, row, actor) {
    plain.insert(org, row, actor);
    afterRelationCreate(org, row, actor);
  },
  remove(org, { table, row }, actor) {
    moveToBin(org, { table, row }, actor);
    afterRelationDelete(org, row, actor);
  },
};

const BEHAVIOURS: Readonly<Record<string, ObjectBehaviour>> = {
  Contact: person,
  Lead: lead,
  Account: account,
  Event: event,
  EventRelation: relation,
};

export const behaviourOf = (table: RecordTable): ObjectBehaviour => BEHAVIOURS[table.object.name] ?? plain;
