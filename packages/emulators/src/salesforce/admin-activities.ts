import { createRecord, deleteFromHere, deleteRecord, updateRecord } from './dml.ts';
import { type Org, requireTable } from './org.ts';
import type { Actor } from './record-store.ts';

type Fields = Record<string, unknown>;

/** What people do with leads, events, and those who take part. */
export interface ActivityActs {
  createLead(fields: Fields, byUserId?: string): string;
  /** With a pattern: the id of the record of the series. */
  createEvent(fields: Fields, byUserId?: string): string;
  updateEvent(id: string, fields: Fields, byUserId?: string): void;
  deleteEvent(id: string, byUserId?: string): void;
  /** Ends a series before one of its occurrences. */
  deleteFromHere(id: string, byUserId?: string): void;
  /** Relates a person to an event, as invitee unless told otherwise; the id of the relation. */
  relate(eventId: string, personId: string, fields?: Fields): string;
  updateRelation(id: string, fields: Fields): void;
  unrelate(id: string): void;
}

export function createActivityActs(org: Org, person: (userId?: string) => Actor): ActivityActs {
  const leads = requireTable(org, 'Lead');
  const events = requireTable(org, 'Event');
  const relations = requireTable(org, 'EventRelation');
  return {
    createLead: (body, userId) => createRecord(org, leads, { body, actor: person(userId) }),
    createEvent: (body, userId) => createRecord(org, events, { body, actor: person(userId) }),
    updateEvent: (id, body, userId) => updateRecord(org, events, { id, body, actor: person(userId) }),
    deleteEvent: (id, userId) => deleteRecord(org, events, { id, actor: person(userId) }),
    deleteFromHere: (id, userId) => deleteFromHere(org, events, { id, actor: person(userId) }),
    relate(eventId, personId, fields = {}) {
      const shared = relations.object.field('IsInvitee') !== undefined ? { IsInvitee: true } : {};
      const body = { EventId: eventId, RelationId: personId, ...shared, ...fields };
      return createRecord(org, relations, { body, actor: person() });
    },
    updateRelation: (id, body) => updateRecord(org, relations, { id, body, actor: person() }),
    unrelate: (id) => deleteRecord(org, relations, { id, actor: person() }),
  };
}
