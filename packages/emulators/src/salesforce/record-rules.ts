import { badRequest } from './api-error.ts';
import { liveRowsByKey, type Org } from './org.ts';
import type { Changes } from './record-input.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, storedValue } from './row.ts';
import type { FieldDefinition } from './schema.ts';

export interface Candidate {
  readonly table: RecordTable;
  /** Id of the row being written; a new row has one already. */
  readonly id: string;
  readonly values: Changes;
}

function sameKey(field: FieldDefinition, left: unknown, right: unknown): boolean {
  if (field.caseSensitive) return String(left) === String(right);
  return String(left).toLowerCase() === String(right).toLowerCase();
}

/** Unique fields, open transactions included; rows in the recycle bin do not count. */
export function requireUnique({ table, id, values }: Candidate): void {
  for (const field of table.object.fields) {
    const value = values[field.name] ?? null;
    if (!field.unique || value === null) continue;
    const other = table.idsByKey(field, value).find((otherId) => {
      const row = table.latest(otherId);
      return (
        otherId !== id &&
        row !== undefined &&
        !isDeleted(row) &&
        sameKey(field, storedValue(row, field.name), value)
      );
    });
    if (other === undefined) continue;
    const message = `duplicate value found: ${field.name} duplicates value on record with id: ${other}`;
    throw badRequest('DUPLICATE_VALUE', message, []);
  }
}

export function requireValid(org: Org, { table, values }: Candidate): void {
  for (const rule of org.validationRules) {
    if (rule.object !== table.object.name || !rule.failsWhen(values)) continue;
    const fields = rule.field === undefined ? [] : [rule.field];
    throw badRequest('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, fields);
  }
}

/** The org's duplicate rule: another live contact with the same e-mail address. */
export function requireNoDuplicate(org: Org, { table, id, values }: Candidate, allowSave: boolean): void {
  const rule = org.settings.duplicateRule;
  if (rule === 'off' || table.object.name !== 'Contact' || (rule === 'alert' && allowSave)) return;
  const email = values.Email ?? null;
  if (email === null || liveRowsByKey(table, 'Email', email).every((row) => row.id === id)) return;
  const message = "You're creating a duplicate record. We recommend you use an existing record instead.";
  throw badRequest('DUPLICATES_DETECTED', message, []);
}
