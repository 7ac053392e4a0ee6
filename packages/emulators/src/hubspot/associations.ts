import { invalid } from './api-error.ts';
import { type Portal, requireTable } from './portal.ts';
import type { Table } from './table.ts';
import { isObject } from './values.ts';

/** Type ids that the service defines, by `from>to`. */
const DEFAULT_TYPES: Readonly<Record<string, number>> = {
  'meetings>contacts': 200,
  'contacts>meetings': 199,
  'contacts>contacts': 449,
};

export function defaultType(from: Table, to: Table): number {
  const typeId = DEFAULT_TYPES[`${from.type.name}>${to.type.name}`];
  if (typeId === undefined)
    throw invalid(`There is no association from ${from.type.name} to ${to.type.name}`);
  return typeId;
}

interface End {
  readonly table: Table;
  readonly id: string;
}

const keyOf = (from: End, to: End): string =>
  `${from.table.type.typeId}:${from.id}|${to.table.type.typeId}:${to.id}`;

function requireEnd({ table, id }: End): End {
  const row = table.get(id);
  if (row === undefined) throw invalid(`${table.type.singular} ${id} does not exist`);
  return { table, id: row.id };
}

/** Both directions at once. */
export function addAssociation(portal: Portal, from: End, to: End): void {
  const [left, right] = [requireEnd(from), requireEnd(to)];
  portal.associations.set(keyOf(left, right), new Set([defaultType(left.table, right.table)]));
  portal.associations.set(keyOf(right, left), new Set([defaultType(right.table, left.table)]));
  portal.version += 1;
}

export function removeAssociation(portal: Portal, from: End, to: End): void {
  portal.associations.delete(keyOf(from, to));
  portal.associations.delete(keyOf(to, from));
  portal.version += 1;
}

/** What a record is associated with, in id order. */
export function associatedWith(
  portal: Portal,
  from: End,
  to: Table,
): { id: string; typeIds: readonly number[] }[] {
  const start = `${from.table.type.typeId}:${from.id}|${to.type.typeId}:`;
  return [...portal.associations]
    .filter(([key]) => key.startsWith(start))
    .map(([key, typeIds]) => ({ id: key.slice(start.length), typeIds: [...typeIds] }))
    .filter(({ id }) => to.get(id)?.archivedAt === null)
    .sort((left, right) => Number(left.id) - Number(right.id));
}

/** Inline associations of a create. */
export function associate(
  portal: Portal,
  table: Table,
  of: { readonly id: string; readonly associations: unknown },
): void {
  if (!Array.isArray(of.associations)) return;
  for (const association of of.associations) {
    const to = isObject(association) && isObject(association.to) ? association.to.id : undefined;
    const types = isObject(association) && Array.isArray(association.types) ? association.types : [];
    const [type] = types;
    const typeId = isObject(type) ? type.associationTypeId : undefined;
    const target = Object.entries(DEFAULT_TYPES).find(
      ([names, id]) => id === typeId && names.startsWith(`${table.type.name}>`),
    );
    if (target === undefined) throw invalid(`Association type ${String(typeId)} is not possible here`);
    const other = requireTable(portal, target[0].split('>')[1] ?? '');
    addAssociation(portal, { table, id: of.id }, { table: other, id: String(to) });
  }
}

/** `associations` of a read: ids here, types by name. */
export function toAssociations(
  portal: Portal,
  table: Table,
  of: { readonly id: string; readonly to: readonly string[] },
): Record<string, unknown> {
  const found = of.to.flatMap((name) => {
    const other = requireTable(portal, name);
    const results = associatedWith(portal, { table, id: of.id }, other).map(({ id }) => ({
      id,
      type: `${table.type.singular}_to_${other.type.singular}`,
    }));
    return results.length === 0 ? [] : [[other.type.name, { results }] as const];
  });
  return found.length === 0 ? {} : { associations: Object.fromEntries(found) };
}
