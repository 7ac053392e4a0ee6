import { invalid } from './api-error.ts';
import { type Portal, requireTable, type WriteEntry } from './portal.ts';
import type { Acting } from './records.ts';
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

const keyOf = ({ table, id }: End): string => `${table.type.typeId}:${id}`;

function requireEnd({ table, id }: End): End {
  const row = table.get(id);
  if (row === undefined) throw invalid(`${table.type.singular} ${id} does not exist`);
  return { table, id: row.id };
}

/** The record an id stands for now, where it still stands for one. */
const presentEnd = ({ table, id }: End): End => ({ table, id: table.get(id)?.id ?? id });

function connect(portal: Portal, from: End, to: End): void {
  const key = keyOf(from);
  const others = portal.associations.get(key) ?? new Map<string, ReadonlySet<number>>();
  others.set(keyOf(to), new Set([defaultType(from.table, to.table)]));
  portal.associations.set(key, others);
}

/** Both directions at once. What exists already stays as it is, and is no write. */
export function addAssociation(portal: Portal, ends: { from: End; to: End; acting: Acting }): void {
  const [left, right] = [requireEnd(ends.from), requireEnd(ends.to)];
  if (portal.associations.get(keyOf(left))?.has(keyOf(right)) === true) return;
  connect(portal, left, right);
  connect(portal, right, left);
  note(portal, left, { operation: 'associate', app: ends.acting.actor.app });
  ends.acting.journal?.push(() => {
    disconnect(portal, left, right);
    portal.writes.pop();
  });
}

function disconnect(portal: Portal, left: End, right: End): boolean {
  portal.associations.get(keyOf(right))?.delete(keyOf(left));
  return portal.associations.get(keyOf(left))?.delete(keyOf(right)) === true;
}

function note(portal: Portal, { table, id }: End, of: Pick<WriteEntry, 'operation' | 'app'>): void {
  portal.note({ ...of, objectType: table.type.name, id });
}

export function removeAssociation(portal: Portal, ends: { from: End; to: End; acting: Acting }): void {
  const [left, right] = [presentEnd(ends.from), presentEnd(ends.to)];
  if (disconnect(portal, left, right))
    note(portal, left, { operation: 'dissociate', app: ends.acting.actor.app });
}

/** What two records were associated with before they became one belongs to the one. */
export function moveAssociations(portal: Portal, ends: { from: End; to: End }): void {
  const others = portal.associations.get(keyOf(ends.from));
  portal.associations.delete(keyOf(ends.from));
  for (const key of others?.keys() ?? []) {
    portal.associations.get(key)?.delete(keyOf(ends.from));
    const [typeId = '', id = ''] = key.split(':');
    const other = { table: requireTable(portal, typeId), id };
    connect(portal, ends.to, other);
    connect(portal, other, ends.to);
  }
}

/** What a record is associated with, in id order. */
export function associatedWith(
  portal: Portal,
  from: End,
  to: Table,
): { id: string; typeIds: readonly number[] }[] {
  const start = `${to.type.typeId}:`;
  return [...(portal.associations.get(keyOf(presentEnd(from))) ?? [])]
    .filter(([key]) => key.startsWith(start))
    .map(([key, typeIds]) => ({ id: key.slice(start.length), typeIds: [...typeIds] }))
    .filter(({ id }) => to.get(id)?.archivedAt === null)
    .sort((left, right) => Number(left.id) - Number(right.id));
}

/** Inline associations of a create. */
export function associate(
  portal: Portal,
  table: Table,
  of: { readonly id: string; readonly associations: unknown; readonly acting: Acting },
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
    addAssociation(portal, {
      from: { table, id: of.id },
      to: { table: other, id: String(to) },
      acting: of.acting,
    });
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
