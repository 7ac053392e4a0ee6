import type { MailRequest } from '../kit/index.ts';
import { associatedWith } from './associations.ts';
import type { Portal, WriteEntry } from './portal.ts';
import { requireTable } from './portal.ts';
import type { RateLimits } from './rate-limits.ts';
import { compareIds, type Row } from './row.ts';
import type { Table } from './table.ts';
import { allValues } from './wire.ts';

/** One record with every set property; `archived` tells the recycle bin. */
export interface OracleRecord {
  readonly id: string;
  readonly archived: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

export interface OracleMeeting extends OracleRecord {
  /** Ids of living contacts. */
  readonly contacts: readonly string[];
}

/** The truth of the account, for assertions: no search lag, no limits. */
export interface Oracle {
  /** Living contacts in id order. */
  contacts(): readonly OracleRecord[];
  /** In the recycle bin. */
  archivedContacts(): readonly OracleRecord[];
  /** By id, merged-away ids included. */
  contact(id: string): OracleRecord | undefined;
  /** Living meetings in id order, each with those who are on it. */
  meetings(): readonly OracleMeeting[];
  archivedMeetings(): readonly OracleMeeting[];
  meeting(id: string): OracleMeeting | undefined;
  owners(): readonly { readonly id: string; readonly email: string; readonly archived: boolean }[];
  /** All writes in order; with the name of an app those of that app, with `null` those of people. */
  writes(app?: string | null): readonly Readonly<WriteEntry>[];
  apiCalls(): { readonly today: number; readonly refused: number };
  /** Requests that could have made the service send e-mail, also those refused. */
  mailRequests(): readonly MailRequest[];
  /** Grows with every change. */
  version(): number;
}

const toRecord = (table: Table, row: Row): OracleRecord =>
  Object.freeze({
    id: row.id,
    archived: row.archivedAt !== null,
    properties: Object.freeze(allValues(table, row)),
  });

function meetingsOf(portal: Portal): Pick<Oracle, 'meetings' | 'archivedMeetings' | 'meeting'> {
  const table = requireTable(portal, 'meetings');
  const contacts = requireTable(portal, 'contacts');
  const toMeeting = (row: Row): OracleMeeting =>
    Object.freeze({
      ...toRecord(table, row),
      contacts: associatedWith(portal, { table, id: row.id }, contacts).map(({ id }) => id),
    });
  const meetings = (archived: boolean): readonly OracleMeeting[] =>
    [...table.rows()]
      .filter((row) => (row.archivedAt !== null) === archived)
      .sort((left, right) => compareIds(left.id, right.id))
      .map(toMeeting);
  return {
    meetings: () => meetings(false),
    archivedMeetings: () => meetings(true),
    meeting(id) {
      const row = table.get(id);
      return row === undefined ? undefined : toMeeting(row);
    },
  };
}

export function createOracle(portal: Portal, limits: RateLimits): Omit<Oracle, 'mailRequests'> {
  const table = requireTable(portal, 'contacts');
  const records = (archived: boolean): readonly OracleRecord[] =>
    [...table.rows()]
      .filter((row) => (row.archivedAt !== null) === archived)
      .sort((left, right) => compareIds(left.id, right.id))
      .map((row) => toRecord(table, row));
  return {
    contacts: () => records(false),
    archivedContacts: () => records(true),
    contact(id) {
      const row = table.get(id);
      return row === undefined ? undefined : toRecord(table, row);
    },
    ...meetingsOf(portal),
    owners: () => [...portal.owners.values()].map(({ id, email, archived }) => ({ id, email, archived })),
    writes: (app) =>
      portal.writes
        .filter((entry) => app === undefined || entry.app === (app ?? undefined))
        .map((entry) => Object.freeze({ ...entry })),
    apiCalls: () => ({ today: limits.usedToday(portal.clock.now()), refused: limits.refused() }),
    version: () => portal.version,
  };
}
