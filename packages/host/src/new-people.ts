import type { CrmPort, RecordStore } from '@tidelock/core';
import { createInvitingStore, createUninvitingStore, type NewPeopleOptions } from '@tidelock/engine';
import { ofCrm } from './crm-connections.ts';
import type { PlatformFinding } from './platform-finding.ts';
import type { Profile } from './profiles/effective.ts';
import type { EventRules } from './profiles/effective-events.ts';
import type { RosterEntry } from './profiles/roster.ts';

type Properties = NewPeopleOptions['properties'];

/** How a contact is made with this profile's mapping; null = not at all. */
function propertiesOf({ contacts: { mapping } }: Profile): Properties | null {
  const property = (name: string): string | null =>
    mapping.fields.find(({ field }) => field === name)?.crm ?? null;
  const [email, lastName] = [property('email'), property('lastName')];
  return email === null || lastName === null ? null : { email, firstName: property('firstName'), lastName };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** Own domains: those of all mailboxes that take part, and what the profile names besides. */
function ownDomains(entries: readonly RosterEntry[], { people }: EventRules): ReadonlySet<string> {
  const addresses = entries.flatMap(({ address, mailbox }) => [address, mailbox.address]);
  return new Set([...addresses.map(domainOf), ...people.ownDomains.map((domain) => domain.toLowerCase())]);
}

/**
 * Where a profile asks for it, the events of the CRM are opened so that unknown people are made as contacts of the same connection. What is
 * added to `scope` makes another lane of it.
 */
export function inviter(crms: ReadonlyMap<string, CrmPort>, entries: readonly RosterEntry[]) {
  return <S>(
    opened: { readonly store: RecordStore; readonly scope: S },
    events: EventRules,
    { profile }: RosterEntry,
  ): { readonly store: RecordStore; readonly scope: readonly unknown[] } => {
    const { store, scope } = opened;
    if (!events.people.create) return { store, scope: [scope] };
    const properties = propertiesOf(profile);
    const people = events.mapping?.fields.find(({ field }) => field === 'people')?.crm;
    if (properties === null || people === undefined)
      return { store: createUninvitingStore(store), scope: [scope] };
    const domains = ownDomains(entries, events);
    const wanted = Object.values(properties).filter((one): one is string => one !== null);
    const contacts = ofCrm(crms, profile.crm).open({ kind: 'contact', properties: wanted });
    const of = { contacts, storeKey: profile.crm, properties, people, ownDomains: domains };
    return { store: createInvitingStore(store, of), scope: [scope, properties, [...domains].sort()] };
  };
}

/** Why nobody can be made under a profile that asks for it; null = they can, or nobody asks. */
export function peopleFinding(profile: Profile): PlatformFinding | null {
  if (profile.events?.people.create !== true || propertiesOf(profile) !== null) return null;
  return {
    code: 'people-not-mapped',
    severity: 'warn',
    text: `profile "${profile.name}" makes unknown people on events, and its mapping of contacts has no "email" or no "lastName"`,
    remedy: 'Map both, or set events.people.create to false; a person is asked about them meanwhile.',
    mailbox: null,
  };
}
