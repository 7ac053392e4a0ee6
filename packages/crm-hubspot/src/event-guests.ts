import { AdapterError, type CrmUser, type People, type WriteNote } from '@tidelock/core';
import { chunk, createBlankFields } from '@tidelock/kit';
import { ATTENDING_OWNERS } from './event-fields.ts';
import { CONTACTS } from './map.ts';
import { type Reading, readBy, readPresent } from './store-read.ts';
import { AssociationsSchema, parseReply, type WireContact } from './wire.ts';

/** Meetings whose contacts one request asks for. */
const MEETINGS = 500;

/** Everybody who uses the account, archived ones after the others. */
export type Owners = () => Promise<readonly CrmUser[]>;

/** Somebody on a meeting: an associated contact, or a user of the account. */
export interface Guest {
  readonly kind: 'contact' | 'owner';
  readonly id: string;
  /** Empty: not known by address, so no business of ours. */
  readonly email: string;
  readonly name: string;
}

const keyOf = (email: string): string => email.trim().toLowerCase();

/** Everybody with an address, once; nobody is blank. The service knows neither roles nor answers. */
export function toPeople(guests: readonly Guest[]): People | null {
  const byEmail = new Map<string, Guest>();
  for (const guest of guests)
    if (guest.email !== '' && !byEmail.has(keyOf(guest.email))) byEmail.set(keyOf(guest.email), guest);
  if (byEmail.size === 0) return null;
  const attendees = [...byEmail.values()].map(({ email, name }) => ({
    email,
    ...(name === '' || name === email ? {} : { name }),
    role: 'required' as const,
    response: 'none' as const,
  }));
  return { kind: 'people', organizer: null, attendees };
}

/** Contacts as guests are: by address and name. */
function toContactReading({ client, options, view }: Reading): Reading {
  const read = createBlankFields(['email', 'firstname', 'lastname', 'hs_additional_emails']);
  const { stampProperty } = view;
  return { client, options, view: { object: CONTACTS, ...read, specs: {}, stampProperty } };
}

function toContactGuest({ id, properties }: WireContact): Guest {
  const { email, firstname, lastname } = properties;
  const name = [firstname, lastname].filter((part) => part != null && part !== '').join(' ');
  return { kind: 'contact', id, email: email ?? '', name };
}

async function readPairs(
  { client, options }: Reading,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const operation = 'associations.read';
  const pairs = new Map<string, readonly string[]>();
  for (const group of chunk([...ids], MEETINGS)) {
    const answer = await client.request({
      operation,
      method: 'POST',
      generation: 'v4',
      path: '/associations/meetings/contacts/batch/read',
      body: { inputs: group.map((id) => ({ id })) },
      repeatable: true,
      signal: options?.signal,
    });
    for (const { from, to } of parseReply(AssociationsSchema, answer.body, operation).results)
      pairs.set(
        from.id,
        to.map(({ toObjectId }) => String(toObjectId)),
      );
  }
  return pairs;
}

async function readContactGuests(
  reading: Reading,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Guest>> {
  if (ids.length === 0) return new Map();
  const { byId, winners, missing } = await readPresent(toContactReading(reading), ids);
  const guests = new Map<string, Guest>();
  for (const id of ids) {
    const contact = byId.get(id) ?? winners.get(id);
    if (contact !== undefined) guests.set(id, toContactGuest(contact));
    else if (!missing.has(id))
      throw new AdapterError('protocol', 'associations.read: an answer that leaves a contact out', {
        operation: 'associations.read',
        code: 'answer',
      });
  }
  return guests;
}

export const attendingOwners = ({ properties }: WireContact): readonly string[] =>
  (properties[ATTENDING_OWNERS] ?? '').split(';').filter((id) => id !== '');

/** Who is on each of these meetings: one request for who, and one for every hundred contacts. */
export async function readGuests(
  reading: Reading,
  meetings: readonly WireContact[],
  owners: Owners,
): Promise<ReadonlyMap<string, readonly Guest[]>> {
  if (meetings.length === 0) return new Map();
  const pairs = await readPairs(
    reading,
    meetings.map(({ id }) => id),
  );
  const contacts = await readContactGuests(reading, [...new Set([...pairs.values()].flat())]);
  const users = meetings.some((meeting) => attendingOwners(meeting).length > 0) ? await owners() : [];
  const usersById = new Map(users.map((user) => [user.id, user]));
  return new Map(
    meetings.map((meeting) => {
      const colleagues = attendingOwners(meeting).map((id): Guest => {
        const user = usersById.get(id);
        return { kind: 'owner', id, email: user?.email ?? '', name: user?.name ?? '' };
      });
      const others = (pairs.get(meeting.id) ?? []).flatMap((id) => contacts.get(id) ?? []);
      return [meeting.id, [...colleagues, ...others]] as const;
    }),
  );
}

/** Who an address belongs to; none or several are nobody. */
export type Match = Pick<Guest, 'kind' | 'id'> | 'none' | 'ambiguous';

function matchOf(kind: Guest['kind'], ids: ReadonlySet<string>): Match {
  const [id] = ids;
  if (id === undefined) return 'none';
  return ids.size === 1 ? { kind, id } : 'ambiguous';
}

/** A colleague goes before a contact of the same address; contacts are found under additional addresses too. */
export async function findPeople(
  reading: Reading,
  emails: readonly string[],
  owners: Owners,
): Promise<ReadonlyMap<string, Match>> {
  const wanted = [...new Set(emails.map(keyOf))].filter((email) => email.includes('@'));
  if (wanted.length === 0) return new Map();
  const held = new Map<string, Set<string>>();
  const hold = (email: string | null | undefined, id: string): void => {
    const key = keyOf(email ?? '');
    if (key !== '') held.set(key, (held.get(key) ?? new Set()).add(id));
  };
  for (const { id, email, active } of await owners()) if (active) hold(email, id);
  const matches = new Map(
    wanted.map((email) => [email, matchOf('owner', held.get(email) ?? new Set())] as const),
  );
  held.clear();
  const others = wanted.filter((email) => matches.get(email) === 'none');
  const contacts =
    others.length === 0
      ? []
      : await readBy(toContactReading(reading), { idProperty: 'email', values: others });
  for (const { id, properties } of contacts)
    for (const email of [properties.email, ...(properties.hs_additional_emails ?? '').split(';')])
      hold(email, id);
  for (const email of others) matches.set(email, matchOf('contact', held.get(email) ?? new Set()));
  return matches;
}

/** What has to become of those who are on one meeting. */
export interface GuestPlan {
  /** All of them, those without an address included; undefined leaves them as they are. */
  readonly owners: readonly string[] | undefined;
  /** Contacts. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly notes: readonly WriteNote[];
}

export const NO_GUESTS: GuestPlan = { owners: undefined, add: [], remove: [], notes: [] };

/** From those who are there to those who are wanted. Who is shown under an address stays whoever that is. */
export function planGuests(of: {
  readonly wanted: People | null;
  readonly present: readonly Guest[];
  readonly matches: ReadonlyMap<string, Match>;
  /** Whose meeting it is: not a guest of their own. */
  readonly ownerId: string | undefined;
  readonly property: string;
}): GuestPlan {
  const { wanted, present, matches, ownerId, property } = of;
  const codes = new Set<WriteNote['code']>();
  const kept: Pick<Guest, 'kind' | 'id'>[] = present.filter(({ email }) => email === '');
  for (const { email } of wanted?.attendees ?? []) {
    const shown = present.filter((guest) => keyOf(guest.email) === keyOf(email));
    const match = matches.get(keyOf(email)) ?? 'none';
    if (shown.length > 0) kept.push(...shown);
    else if (match === 'none') codes.add('unresolved');
    else if (match === 'ambiguous') codes.add('ambiguous');
    else if (match.kind !== 'owner' || match.id !== ownerId) kept.push(match);
  }
  const idsOf = (guests: readonly Pick<Guest, 'kind' | 'id'>[], kind: Guest['kind']): readonly string[] => [
    ...new Set(guests.filter((guest) => guest.kind === kind).map(({ id }) => id)),
  ];
  const [contacts, associated] = [idsOf(kept, 'contact'), idsOf(present, 'contact')];
  return {
    owners: idsOf(kept, 'owner'),
    add: contacts.filter((id) => !associated.includes(id)),
    remove: associated.filter((id) => !contacts.includes(id)),
    notes: [...codes].map((code) => ({ property, code })),
  };
}
