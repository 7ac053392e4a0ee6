import type { MappingRow, Profile } from '../api/profiles.ts';

const FIELD = /^[a-z][A-Za-z0-9-]{0,63}$/;

/** A row that nobody filled in yet, with a name that no other row has. */
export function freshRow(rows: readonly MappingRow[]): MappingRow {
  const names = new Set(rows.map(({ field }) => field));
  let number = rows.length + 1;
  while (names.has(`field-${number}`)) number += 1;
  return {
    ...{ field: `field-${number}`, mailbox: '', crm: '', optional: false, fallback: [] },
    ...{ direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate' },
  };
}

function problemOf(row: MappingRow, seen: ReadonlySet<string>): string | null {
  if (!FIELD.test(row.field)) return 'The name is camelCase or kebab-case and starts with a small letter.';
  if (seen.has(row.field)) return `“${row.field}” is mapped twice. Give one another name, or remove it.`;
  if (row.mailbox === '') return 'Choose the property of the mailbox.';
  if (row.crm === '') return 'Choose the property of the CRM.';
  return null;
}

/** What keeps a row from being saved, by its place. */
export function rowProblems(rows: readonly MappingRow[]): ReadonlyMap<number, string> {
  const problems = new Map<number, string>();
  const seen = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const problem = problemOf(row, seen);
    if (problem !== null) problems.set(index, problem);
    seen.add(row.field);
  }
  return problems;
}

const same = (x: MappingRow | undefined, y: MappingRow): boolean => JSON.stringify(x) === JSON.stringify(y);

/** Rows that are not as they were loaded. */
export function changedRows(
  loaded: readonly MappingRow[],
  rows: readonly MappingRow[],
): readonly MappingRow[] {
  const before = new Map(loaded.map((row) => [row.field, row]));
  return rows.filter((row) => !same(before.get(row.field), row));
}

/** Fields whose rows stand in the profile itself; null: they stand at the top of the file and cannot be told apart here. */
export function ownFields({ written }: Pick<Profile, 'written'>): ReadonlySet<string> | null {
  if (written === null) return null;
  const { contacts } = written as { readonly contacts?: { readonly mappingExtra?: readonly MappingRow[] } };
  return new Set((contacts?.mappingExtra ?? []).map(({ field }) => field));
}

/** The profile's own rows as they are to be saved: what it had, and what was changed; nothing of it is lost. */
export function rowsToSave(
  profile: Pick<Profile, 'written'>,
  of: { readonly loaded: readonly MappingRow[]; readonly rows: readonly MappingRow[] },
): readonly MappingRow[] {
  const own = ownFields(profile);
  if (own === null) return of.rows;
  const changed = new Set(changedRows(of.loaded, of.rows).map(({ field }) => field));
  return of.rows.filter(({ field }) => own.has(field) || changed.has(field));
}
