import type {
  Attendee,
  CallOptions,
  ErrorKind,
  FieldValue,
  Outcome,
  RecordStore,
  Write,
  WriteNote,
} from '@tidelock/core';
import { idOf } from './stamp.ts';

export interface NewPeopleOptions {
  /** The contacts of the same CRM. */
  readonly contacts: RecordStore;
  /** Key of that store: one address is one person in it, whichever mailbox meets it first. */
  readonly storeKey: string;
  /** Properties of a contact there; `firstName` null: it has none. */
  readonly properties: {
    readonly email: string;
    readonly firstName: string | null;
    readonly lastName: string;
  };
  /** Property of an event that holds its people. */
  readonly people: string;
  /** Nobody of these domains, or of one below them, is made: they are colleagues. */
  readonly ownDomains: ReadonlySet<string>;
}

/** What became of somebody who was to be made. */
type Fate = 'made' | 'there' | 'refused' | { readonly kind: ErrorKind; readonly afterMs?: number };

const keyOf = ({ email }: Pick<Attendee, 'email'>): string => email.trim().toLowerCase();

/** `eve@mail.contoso.example` is of contoso.example. */
export function isOfDomain(address: string, domains: ReadonlySet<string>): boolean {
  const labels = address
    .slice(address.lastIndexOf('@') + 1)
    .toLowerCase()
    .split('.');
  return labels.some((_, index) => domains.has(labels.slice(index).join('.')));
}

/** Nobody but people with an address outside: rooms are none. */
const isInvited = (
  { email, role }: Attendee,
  { ownDomains }: NewPeopleOptions,
  rooms: readonly string[],
): boolean =>
  role !== 'resource' &&
  !rooms.includes(email.trim().toLowerCase()) &&
  /^[^@\s]+@[^@\s]+$/.test(email.trim()) &&
  !isOfDomain(email.trim(), ownDomains);

/** `Doe, Jane` and `Jane Doe`; who is called by an address only has its first part for a name. */
export function namesOf(attendee: Pick<Attendee, 'email' | 'name'>): {
  firstName: string | null;
  lastName: string;
} {
  const email = attendee.email.trim();
  const name = (attendee.name ?? '').trim().replace(/\s+/g, ' ');
  if (name === '' || name.includes('@')) return { firstName: null, lastName: email.split('@')[0] ?? email };
  const [last, first, ...more] = name.split(',').map((part) => part.trim());
  if (first && last && more.length === 0) return { firstName: first, lastName: last };
  const space = name.lastIndexOf(' ');
  return space < 0
    ? { firstName: null, lastName: name }
    : { firstName: name.slice(0, space), lastName: name.slice(space + 1) };
}

/** The same address always has the same stamp, so asking twice makes one person. */
function asCreate(of: NewPeopleOptions, attendee: Attendee, owner: string | undefined): Write {
  const { properties, storeKey } = of;
  const { firstName, lastName } = namesOf(attendee);
  const fields: Record<string, FieldValue> = {
    [properties.email]: attendee.email.trim(),
    [properties.lastName]: lastName,
  };
  if (properties.firstName !== null && firstName !== null) fields[properties.firstName] = firstName;
  const stamp = idOf('person', storeKey, keyOf(attendee));
  return { op: 'create', stamp, fields, ...(owner === undefined ? {} : { owner }) };
}

function fateOf(outcome: Outcome | undefined): Fate {
  if (outcome?.status === 'ok') return 'made';
  if (outcome?.status === 'duplicate') return 'there';
  if (outcome?.status === 'rejected') return outcome.code === 'duplicate-key' ? 'there' : 'refused';
  // Nothing of the event was sent, so it may go again: whoever was made meanwhile is found then.
  if (outcome?.status === 'retry' || outcome?.status === 'unknown')
    return outcome.status === 'retry' && outcome.afterMs !== undefined
      ? { kind: outcome.kind, afterMs: outcome.afterMs }
      : { kind: outcome.kind };
  return { kind: 'protocol' };
}

const ownerOf = (write: Write): string | undefined =>
  write.op === 'create' ? write.owner : write.op === 'update' ? write.current.owner : undefined;

/** `at`: the first write that names them. */
interface Made {
  readonly at: number;
  readonly fate: Fate;
}

/** Makes everybody whom these writes would leave to a person, once. Whoever owns the first event owns them. */
async function invite(
  of: NewPeopleOptions,
  at: { readonly batch: readonly Write[]; readonly strangers: readonly (readonly Attendee[])[] },
  options: CallOptions | undefined,
): Promise<ReadonlyMap<string, Made>> {
  const creates = new Map<string, { readonly at: number; readonly write: Write }>();
  for (const [index, people] of at.strangers.entries()) {
    const write = at.batch[index];
    for (const person of people)
      if (write !== undefined && !creates.has(keyOf(person)))
        creates.set(keyOf(person), { at: index, write: asCreate(of, person, ownerOf(write)) });
  }
  if (creates.size === 0) return new Map();
  const asked = [...creates];
  const outcomes = await of.contacts.write(
    asked.map(([, { write }]) => write),
    options,
  );
  return new Map(
    asked.map(([key, { at: first }], index) => [key, { at: first, fate: fateOf(outcomes[index]) }]),
  );
}

/** The event waits where somebody on it could not be made for now. */
function waits(people: readonly Attendee[], made: ReadonlyMap<string, Made>): Outcome | null {
  for (const person of people) {
    const fate = made.get(keyOf(person))?.fate;
    if (typeof fate === 'object') return { status: 'retry', ...fate };
  }
  return null;
}

function withNote(
  outcome: Outcome | undefined,
  of: { readonly property: string; readonly made: readonly string[] },
): Outcome {
  if (outcome === undefined) return { status: 'unknown', kind: 'protocol' };
  if (outcome.status !== 'ok' || of.made.length === 0) return outcome;
  const note: WriteNote = { property: of.property, code: 'created', people: of.made };
  return { ...outcome, notes: [...(outcome.notes ?? []), note] };
}

/** Everything but writes as it is. Methods of a class would not survive a spread. */
function readingOf(store: RecordStore): Omit<RecordStore, 'write' | 'strangers'> {
  const { audience, findShared } = store;
  return {
    probe: (options) => store.probe(options),
    feeds: (options) => store.feeds(options),
    changes: (feed, cursor, options) => store.changes(feed, cursor, options),
    list: (feed, page, options) => store.list(feed, page, options),
    read: (ids, options) => store.read(ids, options),
    find: (by, values, options) => store.find(by, values, options),
    ...(audience === undefined ? {} : { audience: (write) => audience.call(store, write) }),
    ...(findShared === undefined
      ? {}
      : { findShared: (keys, options) => findShared.call(store, keys, options) }),
  };
}

/** Events of a CRM whose unknown people are left to a person, and no plan says otherwise. */
export const createUninvitingStore = (events: RecordStore): RecordStore => ({
  ...readingOf(events),
  write: (batch, options) => events.write(batch, options),
  strangers: async (batch) => batch.map(() => []),
});

/**
 * Events of a CRM whose unknown people are made there as contacts before an event is written that they are on. What is sent for it follows
 * from the event's own open intent, and asking twice makes nobody twice. `strangers` says whom it would make.
 */
export function createInvitingStore(events: RecordStore, of: NewPeopleOptions): RecordStore {
  const strangersOf = async (
    batch: readonly Write[],
    options?: CallOptions,
  ): Promise<readonly (readonly Attendee[])[]> => {
    const found = (await events.strangers?.(batch, options)) ?? batch.map(() => []);
    return found.map((people, index) => {
      const write = batch[index];
      const { rooms = [] } = write === undefined || write.op === 'delete' ? {} : write;
      return people.filter((person) => isInvited(person, of, rooms));
    });
  };
  return {
    ...readingOf(events),
    strangers: strangersOf,
    async write(batch, options) {
      const strangers = await strangersOf(batch, options);
      const invited = await invite(of, { batch, strangers }, options);
      const waiting = strangers.map((people) => waits(people, invited));
      const ready = batch.filter((_, index) => waiting[index] === null);
      const outcomes = (ready.length === 0 ? [] : await events.write(ready, options)).values();
      return strangers.map((people, index) => {
        const wait = waiting[index];
        if (wait) return wait;
        const isMade = ({ fate, at }: Made): boolean => fate === 'made' && at === index;
        const made = people.map(keyOf).filter((key) => [invited.get(key)].some((one) => one && isMade(one)));
        return withNote(outcomes.next().value, { property: of.people, made });
      });
    },
  };
}
