import type { Attendee, CallOptions, People, WriteNote } from '@tidelock/core';
import { chunk } from '@tidelock/kit';
import type { Client } from './client.ts';
import { chunkForQuery, isIn, queryAllPages } from './query.ts';
import { queryMany } from './query-many.ts';
import type { Row } from './wire.ts';

/** Event ids in one statement. */
const EVENTS = 300;

type Response = Attendee['response'];

/** Somebody related to an event. */
export interface Guest {
  /** Id of the relation. */
  readonly id: string;
  /** Id of the contact, lead or user. */
  readonly personId: string;
  readonly email: string;
  readonly name: string;
  readonly response: Response;
}

const RESPONSES: Readonly<Record<string, Response>> = {
  Accepted: 'accepted',
  Declined: 'declined',
  Maybe: 'tentative',
};
export const STATUSES: Readonly<Record<Response, string>> = {
  accepted: 'Accepted',
  declined: 'Declined',
  tentative: 'Maybe',
  none: 'New',
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function toGuest(row: Row): Guest | undefined {
  const person = row.Relation;
  if (typeof person !== 'object' || person === null) return undefined;
  const { Email, Name } = person as Row;
  const email = textOf(Email);
  if (email === '') return undefined;
  const response = RESPONSES[textOf(row.Status)] ?? 'none';
  return { id: textOf(row.Id), personId: textOf(row.RelationId), email, name: textOf(Name), response };
}

/** People with an address, in a fixed order; nobody is blank. The service knows neither roles nor an organizer. */
export function toPeople(guests: readonly Guest[]): People | null {
  if (guests.length === 0) return null;
  const attendees = guests.map(({ email, name, response }) => ({
    email,
    ...(name === '' || name === email ? {} : { name }),
    role: 'required' as const,
    response,
  }));
  return { kind: 'people', organizer: null, attendees };
}

/** Who is related to each of these events. Accounts and other things are no guests. */
export async function readGuests(
  client: Client,
  of: { readonly eventIds: readonly string[]; readonly shared: boolean },
  options: CallOptions | undefined,
): Promise<ReadonlyMap<string, readonly Guest[]>> {
  const guests = new Map<string, Guest[]>();
  const select = ['Id', 'EventId', 'RelationId', 'Status', 'Relation.Email', 'Relation.Name'];
  for (const group of chunk([...new Set(of.eventIds)], EVENTS)) {
    const where = [isIn('EventId', group), ...(of.shared ? ['IsWhat = false'] : [])];
    const statement = { operation: 'relations.read', object: 'EventRelation', select, where };
    for (const row of await queryAllPages(client, statement, options)) {
      const guest = toGuest(row);
      if (guest === undefined) continue;
      const eventId = textOf(row.EventId);
      guests.set(eventId, [...(guests.get(eventId) ?? []), guest]);
    }
  }
  return guests;
}

export interface Person {
  readonly id: string;
  readonly kind: 'User' | 'Contact' | 'Lead';
}

/** Who an address belongs to; none or several are nobody. */
export type Match = Person | 'none' | 'ambiguous';

const KINDS = { '005': 'User', '003': 'Contact', '00Q': 'Lead' } as const;

/** A colleague goes before a contact of the same address, and a contact before a lead. */
function choose(people: readonly Person[]): Match {
  for (const kind of ['User', 'Contact', 'Lead'] as const) {
    const some = people.filter((person) => person.kind === kind);
    const [only] = some;
    if (only !== undefined) return some.length === 1 ? only : 'ambiguous';
  }
  return 'none';
}

/**
 * Active users, contacts and open leads by any of their addresses. `emailFields`: those of Contact. Addresses are compared
 * without case.
 */
export async function findPeople(
  client: Client,
  of: { readonly emails: readonly string[]; readonly emailFields: readonly string[] },
  options: CallOptions | undefined,
): Promise<ReadonlyMap<string, Match>> {
  const emails = [...new Set(of.emails.map((email) => email.toLowerCase()))];
  const operation = 'people.find';
  const statements = chunkForQuery(emails, of.emailFields.length).flatMap((group) => [
    {
      operation,
      object: 'Contact',
      select: ['Id', ...of.emailFields],
      where: [`(${of.emailFields.map((field) => isIn(field, group)).join(' OR ')})`],
    },
    {
      operation,
      object: 'Lead',
      select: ['Id', 'Email'],
      where: [isIn('Email', group), 'IsConverted = false'],
    },
    {
      operation,
      object: 'User',
      select: ['Id', 'Email'],
      where: [isIn('Email', group), 'IsActive = true', "UserType = 'Standard'"],
    },
  ]);
  const found = new Map<string, Map<string, Person>>();
  for (const row of await queryMany(client, statements, options)) {
    const id = textOf(row.Id);
    const kind = KINDS[id.slice(0, 3) as keyof typeof KINDS];
    if (kind === undefined) continue;
    for (const field of ['Email', ...of.emailFields]) {
      const email = textOf(row[field]).toLowerCase();
      if (email !== '') found.set(email, (found.get(email) ?? new Map()).set(id, { id, kind }));
    }
  }
  return new Map(emails.map((email) => [email, choose([...(found.get(email)?.values() ?? [])])]));
}

/** What has to be done to the relations of one event. */
export interface GuestPlan {
  readonly create: readonly {
    readonly personId: string;
    readonly kind: Person['kind'];
    readonly response: Response;
  }[];
  readonly update: readonly { readonly id: string; readonly response: Response }[];
  readonly remove: readonly string[];
  readonly notes: readonly WriteNote[];
}

export const NO_GUESTS: GuestPlan = { create: [], update: [], remove: [], notes: [] };

export interface GuestsWanted {
  readonly wanted: People | null;
  readonly present: readonly Guest[];
  readonly matches: ReadonlyMap<string, Match>;
  /** Not invited to their own event. */
  readonly ownerId: string | undefined;
  readonly property: string;
}

interface Placed {
  readonly personId: string;
  readonly kind: Person['kind'];
  readonly response: Response;
}

/** Contacts and leads do not go together: where there are contacts, leads are left to a person. */
function together(placed: readonly Placed[]): readonly Placed[] {
  const hasContacts = placed.some(({ kind }) => kind === 'Contact');
  let leads = 0;
  return placed.filter(({ kind }) => {
    if (kind !== 'Lead') return true;
    leads += 1;
    return !hasContacts && leads === 1;
  });
}

/** Steps from those who are related to those who are wanted. Who is shown under an address stays whoever that is. */
export function planGuests({ wanted, present, matches, ownerId, property }: GuestsWanted): GuestPlan {
  const byEmail = new Map(present.map((guest) => [guest.email.toLowerCase(), guest]));
  const placed: Placed[] = [];
  const codes = new Set<WriteNote['code']>();
  for (const { email, response } of wanted?.attendees ?? []) {
    const shown = byEmail.get(email.toLowerCase());
    const match = matches.get(email.toLowerCase()) ?? 'none';
    if (shown !== undefined) {
      const kind = KINDS[shown.personId.slice(0, 3) as keyof typeof KINDS] ?? 'Contact';
      placed.push({ personId: shown.personId, kind, response });
    } else if (match === 'none') codes.add('unresolved');
    else if (match === 'ambiguous') codes.add('ambiguous');
    else if (match.id !== ownerId) placed.push({ personId: match.id, kind: match.kind, response });
  }
  const kept = together([...new Map(placed.map((each) => [each.personId, each])).values()]);
  if (kept.length < new Set(placed.map(({ personId }) => personId)).size) codes.add('unresolved');
  const related = new Map(present.map((guest) => [guest.personId, guest]));
  const ids = new Set(kept.map(({ personId }) => personId));
  return {
    create: kept.filter(({ personId }) => !related.has(personId)),
    update: kept.flatMap(({ personId, response }) => {
      const guest = related.get(personId);
      return guest === undefined || guest.response === response ? [] : [{ id: guest.id, response }];
    }),
    remove: present.filter(({ personId }) => !ids.has(personId)).map(({ id }) => id),
    notes: [...codes].map((code) => ({ property, code })),
  };
}
