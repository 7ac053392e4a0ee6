import { type ApiContext, namesIn, type Resource, toActing } from './api-context.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { associate, toAssociations } from './associations.ts';
import { mergeRecords } from './merge.ts';
import { requireTable } from './portal.ts';
import { archiveRecord, createRecord, purgeRecord, updateRecord } from './records.ts';
import { type ApiCall, empty, json } from './reply.ts';
import type { Row } from './row.ts';
import type { Table } from './table.ts';
import { isObject } from './values.ts';
import { toWireRecord, toWrittenRecord } from './wire.ts';

const LARGEST_PAGE = 100;

const tableOf = ({ portal }: ApiContext, call: ApiCall): Table =>
  requireTable(portal, call.segments[1] ?? '');

export function pageSize(call: ApiCall, fallback = 10, most = LARGEST_PAGE): number {
  const text = call.query.get('limit');
  if (text === null) return fallback;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw invalid(`Invalid input: limit must be between 1 and ${most}`);
}

function withAssociations(context: ApiContext, table: Table, of: { row: Row; call: ApiCall }) {
  const names = namesIn(of.call.query, 'associations');
  return names.length === 0 ? {} : toAssociations(context.portal, table, { id: of.row.id, to: names });
}

/** `after` names the record that the next page begins with; archived ones are a list of their own. */
export const listObjects: Resource = (context, call) => {
  const table = tableOf(context, call);
  const limit = pageSize(call);
  const from = call.query.get('after') ?? '';
  if (!/^\d*$/.test(from)) throw invalid('Invalid input: after must be a record id');
  const archived = call.query.get('archived') === 'true';
  const rows = table.page({ archived, from, limit: limit + 1 });
  const next = rows[limit];
  const shape = {
    properties: namesIn(call.query, 'properties'),
    withHistory: namesIn(call.query, 'propertiesWithHistory'),
  };
  const results = rows.slice(0, limit).map((row) => ({
    ...toWireRecord(table, row, shape),
    ...withAssociations(context, table, { row, call }),
  }));
  if (next === undefined) return json(200, { results });
  const link = `https://api.hubapi.com${call.url.split('?')[0]}?limit=${limit}&after=${next.id}`;
  return json(200, { results, paging: { next: { after: next.id, link } } });
};

function bodyOf(call: ApiCall): Record<string, unknown> {
  if (isObject(call.body)) return call.body;
  throw invalid('Invalid input JSON');
}

export const createObject: Resource = (context, call) => {
  const table = tableOf(context, call);
  const body = bodyOf(call);
  const acting = toActing(context);
  const row = createRecord(context.portal, table, { properties: body.properties, acting });
  associate(context.portal, table, { id: row.id, associations: body.associations, acting });
  return json(201, toWrittenRecord(table, row, { written: body.properties }));
};

/** The record a path names: by id, or by `idProperty`. */
function idIn(table: Table, call: ApiCall): string {
  const id = call.segments[2] ?? '';
  const property = call.query.get('idProperty');
  if (property === null || property === 'hs_object_id') return id;
  return table.holderOf(property, id)?.id ?? '';
}

export const readObject: Resource = (context, call) => {
  const table = tableOf(context, call);
  const row = table.get(idIn(table, call));
  const archived = call.query.get('archived') === 'true';
  if (row === undefined || (row.archivedAt !== null) !== archived) throw notFound();
  const shape = {
    properties: namesIn(call.query, 'properties'),
    withHistory: namesIn(call.query, 'propertiesWithHistory'),
  };
  return json(200, {
    ...toWireRecord(table, row, shape),
    ...withAssociations(context, table, { row, call }),
  });
};

export const updateObject: Resource = (context, call) => {
  const table = tableOf(context, call);
  const { properties } = bodyOf(call);
  const id = idIn(table, call);
  const row = updateRecord(context.portal, table, { id, properties, acting: toActing(context) });
  return json(200, toWrittenRecord(table, row, { written: properties }));
};

export const archiveObject: Resource = (context, call) => {
  archiveRecord(context.portal, tableOf(context, call), {
    id: call.segments[2] ?? '',
    acting: toActing(context),
  });
  return empty(204);
};

const textIn = (body: Record<string, unknown>, name: string): string => {
  const value = body[name];
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw invalid(`Invalid input JSON: ${name} is required`);
};

export const mergeObjects: Resource = (context, call) => {
  const table = tableOf(context, call);
  if (table.type.name !== 'contacts') throw new ApiError(405, 'These records cannot be merged');
  const body = bodyOf(call);
  const row = mergeRecords(context.portal, table, {
    primaryId: textIn(body, 'primaryObjectId'),
    otherId: textIn(body, 'objectIdToMerge'),
    actor: toActing(context).actor,
  });
  return json(200, toWireRecord(table, row));
};

export const purgeObject: Resource = (context, call) => {
  const table = tableOf(context, call);
  const body = bodyOf(call);
  const given = textIn(body, 'objectId');
  const id = body.idProperty === 'email' ? (table.holderOf('email', given)?.id ?? '') : given;
  purgeRecord(context.portal, table, { id, acting: toActing(context) });
  return empty(204);
};
