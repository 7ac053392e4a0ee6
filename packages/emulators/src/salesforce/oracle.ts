import type { MailRequest } from '../kit/index.ts';
import type { ApiUsage } from './api-usage.ts';
import { toWireFields } from './field-coercion.ts';
import { type Org, requireTable, type WriteEntry } from './org.ts';

/** One record with every field as the API prints it; deleted ones have `IsDeleted: true`. */
export type OracleRecord = Readonly<Record<string, unknown>>;

/** The truth of the org, for assertions: sharing, open transactions and limits do not hide anything. */
export interface Oracle {
  /** In id order, the recycle bin included. */
  contacts(): readonly OracleRecord[];
  contact(id: string): OracleRecord | undefined;
  accounts(): readonly OracleRecord[];
  users(): readonly OracleRecord[];
  leads(): readonly OracleRecord[];
  /** Patterns of series, their occurrences and the copies of invited users are among them. */
  events(): readonly OracleRecord[];
  event(id: string): OracleRecord | undefined;
  eventRelations(): readonly OracleRecord[];
  apiCalls(): {
    readonly used: number;
    readonly max: number;
    readonly byApp: Readonly<Record<string, number>>;
  };
  /** All writes in order; with a consumer key those of that app, with `null` those of people. */
  writes(app?: string | null): readonly Readonly<WriteEntry>[];
  /** Requests that could have made the service send e-mail, also those refused. */
  mailRequests(): readonly MailRequest[];
  /** Grows with every change. */
  version(): number;
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freezeDeep(part);
  }
  return value;
}

export function createOracle(org: Org, usage: ApiUsage): Omit<Oracle, 'mailRequests'> {
  const records = (objectName: string): readonly OracleRecord[] => {
    org.settle();
    const table = requireTable(org, objectName);
    const rows = [...table.latestRows()].sort((left, right) => (left.id < right.id ? -1 : 1));
    return freezeDeep(rows.map((row) => toWireFields(table.object, row)));
  };
  const record = (objectName: string, id: string): OracleRecord | undefined => {
    org.settle();
    const table = requireTable(org, objectName);
    const row = table.latest(id);
    return row === undefined ? undefined : freezeDeep(toWireFields(table.object, row));
  };
  return {
    contacts: () => records('Contact'),
    contact: (id) => record('Contact', id),
    accounts: () => records('Account'),
    users: () => records('User'),
    leads: () => records('Lead'),
    events: () => records('Event'),
    event: (id) => record('Event', id),
    eventRelations: () => records('EventRelation'),
    apiCalls() {
      const now = org.clock.now();
      return freezeDeep({
        used: usage.used(now),
        max: org.settings.dailyApiRequests,
        byApp: usage.byApp(now),
      });
    },
    writes(app) {
      const wanted = org.writes.filter((entry) => app === undefined || entry.app === (app ?? undefined));
      return freezeDeep(wanted.map((entry) => ({ ...entry })));
    },
    version() {
      org.settle();
      return org.version;
    },
  };
}
