import { invalid } from './api-error.ts';
import { moveAssociations } from './associations.ts';
import type { Actor, Portal } from './portal.ts';
import { changeTime, requireLiving } from './records.ts';
import type { Row, ValueEntry } from './row.ts';
import type { Table } from './table.ts';

/** Most identities that may come together in one record. */
const MOST_IDENTITIES = 250;

function mergedValues(primary: Row, other: Row): Record<string, string> {
  const values = { ...other.values, ...primary.values };
  const emails = [other.values.email, ...(other.values.hs_additional_emails ?? '').split(';')]
    .concat((primary.values.hs_additional_emails ?? '').split(';'))
    .filter((email): email is string => email !== undefined && email !== '' && email !== values.email);
  const unique = [...new Set(emails)].join(';');
  if (unique !== '') values.hs_additional_emails = unique;
  return values;
}

/**
 * Two living records become one: the primary's values win, the other's fill blanks, its addresses become additional
 * ones. Cannot be undone. Both old ids stand for the result from then on.
 */
export function mergeRecords(
  portal: Portal,
  table: Table,
  of: { readonly primaryId: string; readonly otherId: string; readonly actor: Actor },
): Row {
  const primary = requireLiving(table, of.primaryId);
  const other = requireLiving(table, of.otherId);
  if (primary.id === other.id) throw invalid('The records to merge must not be the same');
  const now = portal.clock.now();
  const changedAt = changeTime(primary, now);
  const put = { now, searchableAt: now + portal.settings.searchLagMs };
  const keepsId = portal.settings.mergeId === 'primary';
  const mergedIds = [...primary.mergedIds, ...other.mergedIds, other.id, ...(keepsId ? [] : [primary.id])];
  if (mergedIds.length > MOST_IDENTITIES) throw invalid('Too many identities would be merged');
  const values: Record<string, string> = {
    ...mergedValues(primary, other),
    hs_merged_object_ids: mergedIds.join(';'),
  };
  const entry = (value: string): ValueEntry => ({ value, at: now, source: 'MERGE_OBJECTS', sourceId: '' });
  const gained = Object.entries(values).filter(([name, value]) => primary.values[name] !== value);
  const history = {
    ...primary.history,
    ...Object.fromEntries(
      gained.map(([name, value]) => [name, [entry(value), ...(primary.history[name] ?? [])]]),
    ),
  };
  table.remove(other.id, put);
  if (!keepsId) table.remove(primary.id, put);
  const id = keepsId ? primary.id : portal.nextId();
  const row: Row = { ...primary, id, values, history, updatedAt: changedAt, mergedIds };
  table.put(row, put);
  for (const old of keepsId ? [other.id] : [primary.id, other.id]) {
    moveAssociations(portal, { from: { table, id: old }, to: { table, id } });
    table.redirect(old, id);
  }
  portal.note({ operation: 'merge', objectType: table.type.name, id, app: of.actor.app });
  const event = { kind: 'merge', objectType: table.type.name, id, at: now, source: 'CRM_UI' } as const;
  for (const listener of portal.onEvent)
    listener({ ...event, primaryId: primary.id, mergedIds: [other.id], newId: id });
  return row;
}
