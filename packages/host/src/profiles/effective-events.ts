import type { FieldRule, Mapping, ScopeRule } from '@tidelock/core';
import type { Config } from '../config.ts';
import { allowed, type Direction, narrowed, withRows } from './flow.ts';
import type { ProfileInput } from './profile-schema.ts';

type Written = NonNullable<ProfileInput['events']>;

/** Rules for events, with everything that a profile leaves out filled in. */
export interface EventRules {
  readonly direction: Direction;
  /** null = the default calendar. */
  readonly calendars: readonly string[] | null;
  /** null = every event. */
  readonly categories: readonly string[] | null;
  readonly filter: readonly ScopeRule[];
  readonly private: 'skip' | 'busy' | 'full';
  readonly detail: 'full' | 'busy';
  readonly window: { readonly pastDays: number; readonly futureDays: number };
  readonly notify: Written['notify'];
  /** null = any number. */
  readonly mailBudget: number | null;
  readonly readOnly: 'ignore' | 'revert';
  readonly create: { readonly mailbox: boolean; readonly crm: boolean };
  readonly onDelete: { readonly mailbox: 'delete' | 'unlink'; readonly crm: 'delete' | 'unlink' };
  readonly master: 'crm' | 'mailbox';
  readonly people: { readonly create: boolean; readonly ownDomains: readonly string[] };
  /** null = the CRM adapter ships none. */
  readonly mapping: Mapping | null;
}

function mappingOf(written: Written, shipped: Mapping | undefined): Mapping | null {
  if (shipped === undefined) return null;
  const rows: readonly FieldRule[] = withRows(shipped.fields, written.mappingExtra);
  const fields = rows.flatMap((rule) => narrowed(rule, written.direction));
  return fields.length === 0 ? null : { ...shipped, fields };
}

/** The rules for events that a profile writes; what it leaves out stands under "sync". */
export function effectiveEvents(config: Config, written: Written, shipped: Mapping | undefined): EventRules {
  const { direction, calendars, categories, filter, detail, window, notify, mailBudget, people, readOnly } =
    written;
  return {
    ...{ direction, filter, detail, window, notify, people, readOnly },
    ...allowed(config, written),
    calendars: calendars ?? null,
    categories: categories ?? null,
    private: written.private,
    mailBudget: mailBudget ?? null,
    master: written.master ?? 'mailbox',
    mapping: mappingOf(written, shipped),
  };
}
