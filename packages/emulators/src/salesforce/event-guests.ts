import { PARENT_KEY } from './activity-objects.ts';
import { badRequest } from './api-error.ts';
import { isPattern, seriesOf } from './event-series.ts';
import { type Org, requireTable } from './org.ts';
import type { Changes } from './record-input.ts';
import { type Actor, initialValues, modified, moveToBin, store } from './record-store.ts';
import type { RecordTable } from './record-table.ts';
import { isDeleted, type Row, storedValue } from './row.ts';

const MOST_CONTACTS = 50;
const MOST_INVITEES = 1000;
const MOST_SERIES_INVITEES = 100;
const KEPT_BY_CHILDREN = [
  'OwnerId',
  'IsChild',
  'IsReminderSet',
  'ReminderDateTime',
  'GroupEventType',
  'IsGroupEvent',
];

const integrity = (message: string, fields: readonly string[]): Error =>
  badRequest('FIELD_INTEGRITY_EXCEPTION', message, fields);

function liveByKey(table: RecordTable, name: string, value: string): Row[] {
  const field = name === PARENT_KEY.name ? PARENT_KEY : table.object.field(name);
  if (field === undefined) return [];
  const rows = table.idsByKey(field, value).map((id) => table.latest(id));
  return rows.filter(
    (row) => row !== undefined && !isDeleted(row) && storedValue(row, name) === value,
  ) as Row[];
}

const tables = (org: Org) => ({
  events: requireTable(org, 'Event'),
  relations: requireTable(org, 'EventRelation'),
});

export const relationsOf = (org: Org, eventId: string): Row[] =>
  liveByKey(tables(org).relations, 'EventId', eventId);

const hasSharedActivities = (org: Org): boolean =>
  tables(org).relations.object.field('IsInvitee') !== undefined;

const kindOf = (org: Org, id: unknown): string => org.tableOf(String(id))?.object.name ?? '';

function requireRoom(org: Org, event: Row, relationId: string): void {
  const others = relationsOf(org, event.id);
  if (others.some((row) => storedValue(row, 'RelationId') === relationId)) {
    throw badRequest('DUPLICATE_VALUE', `duplicate value found: RelationId ${relationId}`, ['RelationId']);
  }
  const most = seriesOf(event) === undefined ? MOST_INVITEES : MOST_SERIES_INVITEES;
  if (others.length >= most)
    throw integrity(`An event cannot have more than ${most} invitees`, ['RelationId']);
  if (!hasSharedActivities(org)) return;
  const kinds = others.map((row) => kindOf(org, storedValue(row, 'RelationId')));
  const kind = kindOf(org, relationId);
  const people = kinds.filter((each) => each === 'Contact').length;
  const mixed = (kind === 'Lead' && people > 0) || (kind === 'Contact' && kinds.includes('Lead'));
  if (
    mixed ||
    (kind === 'Lead' && kinds.includes('Lead')) ||
    (kind === 'Contact' && people >= MOST_CONTACTS)
  ) {
    throw integrity(`An event can be related to ${MOST_CONTACTS} contacts or one lead`, ['RelationId']);
  }
}

/** Values that a new or changed relation has besides those named. Throws for what an event does not take. */
export function completeRelation(
  org: Org,
  { changes, before }: { changes: Changes; before: Row | undefined },
): Changes {
  if (before !== undefined) return {};
  const event = tables(org).events.latest(String(changes.EventId));
  if (event === undefined) return {};
  if (typeof changes.RelationId !== 'string')
    throw badRequest('REQUIRED_FIELD_MISSING', 'Required fields are missing: [RelationId]', ['RelationId']);
  if (storedValue(event, 'IsChild') === true) throw integrity('A child event has no relations', ['EventId']);
  if (storedValue(event, 'IsPrivate') === true)
    throw integrity('A private event has no relations', ['EventId']);
  requireRoom(org, event, changes.RelationId);
  return { Status: changes.Status ?? 'New' };
}

/** Values of an event that stand in its invited users' copies too. */
function childValues(parent: Changes): Changes {
  return Object.fromEntries(
    Object.entries(parent).filter(([name]) => !KEPT_BY_CHILDREN.includes(name) && !name.endsWith('__c')),
  );
}

function inviteUser(org: Org, event: Row, { userId, actor }: { userId: string; actor: Actor }): void {
  const { events } = tables(org);
  const id = org.nextId(events.object);
  const values = {
    ...initialValues(org, events, actor),
    ...childValues(event.values),
    ...modified(org, actor.userId),
    OwnerId: userId,
    IsChild: true,
    IsGroupEvent: true,
    GroupEventType: '1',
    [PARENT_KEY.name]: event.id,
  };
  store(org, { table: events, id, values, operation: 'create' }, actor);
}

/** What the service changes by itself shows in SystemModstamp, and nobody is named for it. */
function adjustEvent(org: Org, event: Row, { values, actor }: { values: Changes; actor: Actor }): void {
  const { events } = tables(org);
  const SystemModstamp = modified(org, actor.userId).SystemModstamp ?? null;
  store(
    org,
    {
      table: events,
      id: event.id,
      values: { ...event.values, ...values, SystemModstamp },
      operation: 'update',
      byItself: true,
    },
    actor,
  );
}

export function afterRelationCreate(
  org: Org,
  relation: { readonly id: string; readonly values: Changes },
  actor: Actor,
): void {
  const event = tables(org).events.latest(String(relation.values.EventId));
  if (event === undefined) return;
  const relationId = String(relation.values.RelationId);
  const kind = kindOf(org, relationId);
  if (kind === 'User') inviteUser(org, event, { userId: relationId, actor });
  const who = kind === 'Contact' || kind === 'Lead';
  const becomesWho = who && relation.values.IsParent === true && storedValue(event, 'WhoId') === null;
  const group = !isPattern(event) && relation.values.IsInvitee !== false;
  if (becomesWho || (group && storedValue(event, 'IsGroupEvent') !== true)) {
    const values: Changes = {
      ...(becomesWho ? { WhoId: relationId } : {}),
      ...(group ? { IsGroupEvent: true, GroupEventType: '1' } : {}),
    };
    adjustEvent(org, event, { values, actor });
  }
}

export function afterRelationDelete(org: Org, relation: Row, actor: Actor): void {
  const { events } = tables(org);
  const eventId = String(storedValue(relation, 'EventId'));
  const relationId = storedValue(relation, 'RelationId');
  for (const child of liveByKey(events, PARENT_KEY.name, eventId))
    if (storedValue(child, 'OwnerId') === relationId) moveToBin(org, { table: events, row: child }, actor);
  const event = events.latest(eventId);
  if (event === undefined || isDeleted(event)) return;
  const rest = relationsOf(org, eventId);
  const values: Changes =
    rest.length === 0 && !isPattern(event) ? { IsGroupEvent: false, GroupEventType: '0' } : {};
  if (storedValue(event, 'WhoId') === relationId) {
    const next = rest.find(
      (row) =>
        storedValue(row, 'IsParent') === true && kindOf(org, storedValue(row, 'RelationId')) !== 'Account',
    );
    values.WhoId = next === undefined ? null : storedValue(next, 'RelationId');
  }
  if (Object.keys(values).length > 0) adjustEvent(org, event, { values, actor });
}

/** With shared activities the person in WhoId is a relation like any other, and the first of them. */
export function followWho(
  org: Org,
  event: { readonly id: string; readonly before: Row | undefined; readonly after: Changes },
  actor: Actor,
): void {
  if (!hasSharedActivities(org)) return;
  const { relations } = tables(org);
  const who = event.after.WhoId ?? null;
  const old = event.before === undefined ? null : storedValue(event.before, 'WhoId');
  if (who === old) return;
  const rows = relationsOf(org, event.id);
  const former = rows.find((row) => storedValue(row, 'RelationId') === old);
  if (former !== undefined && storedValue(former, 'IsInvitee') !== true)
    moveToBin(org, { table: relations, row: former }, actor);
  if (typeof who !== 'string' || rows.some((row) => storedValue(row, 'RelationId') === who)) return;
  const values = {
    ...initialValues(org, relations, actor),
    EventId: event.id,
    RelationId: who,
    IsParent: true,
    Status: 'New',
  };
  store(org, { table: relations, id: org.nextId(relations.object), values, operation: 'create' }, actor);
}

/** Copies of invited users follow the event. */
export function updateChildren(
  org: Org,
  event: { readonly id: string; readonly values: Changes },
  actor: Actor,
): void {
  const { events } = tables(org);
  for (const child of liveByKey(events, PARENT_KEY.name, event.id)) {
    const values = { ...child.values, ...childValues(event.values) };
    store(org, { table: events, id: child.id, values, operation: 'update' }, actor);
  }
}

/** Relations and copies go with their event. */
export function deleteGuests(org: Org, eventId: string, actor: Actor): void {
  const { events, relations } = tables(org);
  for (const row of relationsOf(org, eventId)) moveToBin(org, { table: relations, row }, actor);
  for (const row of liveByKey(events, PARENT_KEY.name, eventId))
    moveToBin(org, { table: events, row }, actor);
}

/** Somebody who is deleted takes part in nothing. */
export function deletePerson(org: Org, personId: string, actor: Actor): void {
  const { events, relations } = tables(org);
  for (const row of liveByKey(relations, 'RelationId', personId)) {
    moveToBin(org, { table: relations, row }, actor);
    afterRelationDelete(org, row, actor);
  }
  for (const event of liveByKey(events, 'WhoId', personId))
    adjustEvent(org, event, { values: { WhoId: null }, actor });
}
