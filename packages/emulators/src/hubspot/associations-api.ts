import { type ApiContext, type Resource, toActing } from './api-context.ts';
import { invalid } from './api-error.ts';
import {
  addAssociation,
  associatedWith,
  defaultType,
  removeAssociation,
  toAssociations,
} from './associations.ts';
import { pageSize } from './objects-api.ts';
import { type Portal, requireTable } from './portal.ts';
import { requireLiving } from './records.ts';
import { type ApiCall, empty, json, type Reply } from './reply.ts';
import type { Table } from './table.ts';
import { isObject } from './values.ts';
import { toWireRecord } from './wire.ts';

const MOST_CREATES = 2_000;
const MOST_READS = 1_000;

interface Pair {
  readonly from: Table;
  readonly to: Table;
}

const category = 'HUBSPOT_DEFINED';

/** `objects/{type}/{id}/associations/{to}` */
export const listAssociations: Resource = ({ portal }, call) => {
  const [, type = '', id = '', , to = ''] = call.segments;
  const from = requireTable(portal, type);
  const limit = pageSize(call, 500, 500);
  const after = Number(call.query.get('after') ?? 0);
  const all = associatedWith(portal, { table: from, id }, requireTable(portal, to));
  const rest = all.filter((one) => Number(one.id) >= after);
  const results = rest.slice(0, limit).map((one) => ({
    toObjectId: Number(one.id),
    associationTypes: one.typeIds.map((typeId) => ({ category, typeId, label: null })),
  }));
  const next = rest[limit];
  return json(200, next === undefined ? { results } : { results, paging: { next: { after: next.id } } });
};

/** `objects/{type}/{id}/associations/default/{to}/{toId}` */
export const putDefault: Resource = (context, call) => {
  const { portal } = context;
  const [, type = '', id = '', , , to = '', toId = ''] = call.segments;
  const [from, other] = [requireTable(portal, type), requireTable(portal, to)];
  addAssociation(portal, {
    from: { table: from, id },
    to: { table: other, id: toId },
    acting: toActing(context),
  });
  const one = (left: Table, right: Table, ids: readonly [string, string]) => ({
    from: { id: ids[0] },
    to: { id: ids[1] },
    associationSpec: { associationCategory: category, associationTypeId: defaultType(left, right) },
  });
  return json(200, done(portal, [one(from, other, [id, toId]), one(other, from, [toId, id])]));
};

/** `objects/{type}/{id}/associations/{to}/{toId}` with labels. Ids are numbers in this answer. */
export const putLabels: Resource = (context, call) => {
  const { portal } = context;
  const [, type = '', id = '', , to = '', toId = ''] = call.segments;
  const [from, other] = [requireTable(portal, type), requireTable(portal, to)];
  if (!Array.isArray(call.body) || call.body.length === 0) throw invalid('Association types are required');
  addAssociation(portal, {
    from: { table: from, id },
    to: { table: other, id: toId },
    acting: toActing(context),
  });
  return json(201, {
    fromObjectTypeId: from.type.typeId,
    fromObjectId: Number(id),
    toObjectTypeId: other.type.typeId,
    toObjectId: Number(toId),
    labels: [],
  });
};

/** `PUT /crm/v3/objects/{type}/{id}/associations/{to}/{toId}/{typeId}`: the older call for one pair. */
export const putTyped: Resource = (context, call) => {
  const { portal } = context;
  const [, type = '', id = '', , to = '', toId = '', typeId = ''] = call.segments;
  const [from, other] = [requireTable(portal, type), requireTable(portal, to)];
  if (Number(typeId) !== defaultType(from, other))
    throw invalid(`Association type ${typeId} is not possible here`);
  const row = requireLiving(from, id);
  addAssociation(portal, {
    from: { table: from, id },
    to: { table: other, id: toId },
    acting: toActing(context),
  });
  return json(200, {
    ...toWireRecord(from, row),
    ...toAssociations(portal, from, { id, to: [other.type.name] }),
  });
};

export const removeAll: Resource = (context, call) => {
  const { portal } = context;
  const [, type = '', id = '', , to = '', toId = ''] = call.segments;
  const [from, other] = [requireTable(portal, type), requireTable(portal, to)];
  removeAssociation(portal, {
    from: { table: from, id },
    to: { table: other, id: toId },
    acting: toActing(context),
  });
  return empty(204);
};

function done(portal: Portal, results: readonly unknown[]): Record<string, unknown> {
  const at = new Date(portal.clock.now()).toISOString();
  return { status: 'COMPLETE', results, startedAt: at, completedAt: at };
}

const pairOf = (portal: Portal, call: ApiCall): Pair => ({
  from: requireTable(portal, call.segments[1] ?? ''),
  to: requireTable(portal, call.segments[2] ?? ''),
});

function inputsOf(call: ApiCall, most: number): Record<string, unknown>[] {
  const inputs = isObject(call.body) ? call.body.inputs : undefined;
  if (!Array.isArray(inputs) || !inputs.every(isObject))
    throw invalid('Invalid input JSON: inputs is required');
  if (inputs.length > most) throw invalid(`The maximum number of inputs is ${most}`);
  return inputs;
}

const idOf = (value: unknown): string => (isObject(value) ? String(value.id) : '');

function createPairs(context: ApiContext, call: ApiCall, status: number): Reply {
  const { portal } = context;
  const { from, to } = pairOf(portal, call);
  const acting = toActing(context);
  const results = inputsOf(call, MOST_CREATES).map((input) => {
    const [fromId, toId] = [idOf(input.from), idOf(input.to)];
    addAssociation(portal, { from: { table: from, id: fromId }, to: { table: to, id: toId }, acting });
    return status === 201
      ? {
          fromObjectTypeId: from.type.typeId,
          fromObjectId: Number(fromId),
          toObjectTypeId: to.type.typeId,
          toObjectId: Number(toId),
          labels: [],
        }
      : {
          from: { id: fromId },
          to: { id: toId },
          associationSpec: { associationCategory: category, associationTypeId: defaultType(from, to) },
        };
  });
  return json(status, done(portal, results));
}

export const batchCreate: Resource = (context, call) => createPairs(context, call, 201);
export const batchDefault: Resource = (context, call) => createPairs(context, call, 200);

/** Every pair of an input is named: `to` is an array here. */
export const batchArchive: Resource = (context, call) => {
  const { portal } = context;
  const { from, to } = pairOf(portal, call);
  const acting = toActing(context);
  for (const input of inputsOf(call, MOST_CREATES)) {
    if (!Array.isArray(input.to)) throw invalid('Invalid input JSON: to must be an array');
    for (const other of input.to)
      removeAssociation(portal, {
        from: { table: from, id: idOf(input.from) },
        to: { table: to, id: idOf(other) },
        acting,
      });
  }
  return empty(204);
};

export const batchReadPairs: Resource = ({ portal }, call) => {
  const { from, to } = pairOf(portal, call);
  const results = inputsOf(call, MOST_READS).flatMap((input) => {
    const id = String(input.id);
    const found = associatedWith(portal, { table: from, id }, to);
    if (found.length === 0) return [];
    const others = found.map((one) => ({
      toObjectId: Number(one.id),
      associationTypes: one.typeIds.map((typeId) => ({ category, typeId, label: null })),
    }));
    return [{ from: { id }, to: others }];
  });
  return json(200, done(portal, results));
};
