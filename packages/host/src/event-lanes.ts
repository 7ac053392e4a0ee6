import {
  type AdapterError,
  type EventWindow,
  type Fields,
  isAdapterError,
  type LaneSpec,
  type MailboxPort,
  type Mapping,
  type RecordStore,
  type ScopeRule,
} from '@tidelock/core';
import {
  createVeiledStore,
  DEFAULT_POLICY,
  type EventPolicy,
  eventProperties,
  expandFor,
  type LaneConfig,
  type LanePolicy,
} from '@tidelock/engine';
import { windowOf } from './event-window.ts';
import type { PlatformFinding } from './platform-finding.ts';
import type { Profile } from './profiles/effective.ts';
import type { EventRules } from './profiles/effective-events.ts';
import type { RosterEntry } from './profiles/roster.ts';

/** What the contract calls the properties of an event that these rules are about. */
const [SENSITIVITY, CATEGORIES] = ['sensitivity', 'categories'];
/** Subject of an event of which only the time is told. */
const BUSY = 'Busy';

/** What the engine is told about mail and copies, whatever the day; null = the profile has no rules for events. */
export function eventPolicyOf(events: EventRules | null): EventPolicy {
  if (events === null) return DEFAULT_POLICY.events;
  const { notify: mail, mailBudget, readOnly, people } = events;
  return { mail, mailBudget, readOnly, window: null, ...(people.create ? { newPeople: true } : {}) };
}

function rulesOfMailbox(events: EventRules): ScopeRule[] {
  const chosen = events.categories === null ? [] : [{ field: CATEGORIES, in: [...events.categories] }];
  const open = events.private === 'skip' ? [{ field: SENSITIVITY, not: ['private', 'confidential'] }] : [];
  return [...chosen, ...open] as ScopeRule[];
}

const markOf = ({ categories }: EventRules): Fields => {
  const [first] = categories ?? [];
  return first === undefined ? {} : { [CATEGORIES ?? 'categories']: [first] };
};

const veilsOf = (events: EventRules): 'private' | 'all' | null =>
  events.detail === 'busy' ? 'all' : events.private === 'busy' ? 'private' : null;

/** An event of which only the time is told needs some subject all the same. */
function standIn(events: EventRules, mapping: Mapping): Fields {
  const subject = mapping.fields.find(({ field }) => field === 'subject')?.crm;
  return veilsOf(events) === null || subject === undefined ? {} : { [subject]: BUSY };
}

/** `base`: the policy of the mailbox's contacts. */
function policyOf(
  base: LanePolicy,
  profile: Profile,
  of: { events: EventRules; mapping: Mapping; window: EventWindow },
): LanePolicy {
  const { events, mapping, window } = of;
  return {
    ...base,
    master: events.master === 'crm' ? 'b' : 'a',
    create: { a: events.create.mailbox, b: events.create.crm },
    onDelete: { a: events.onDelete.mailbox, b: events.onDelete.crm },
    scope: {
      name: `profile "${profile.name}"`,
      rules: { a: rulesOfMailbox(events), b: events.filter },
    },
    createWith: { a: markOf(events), b: standIn(events, mapping) },
    events: { ...eventPolicyOf(events), window },
  };
}

interface Opening {
  readonly events: EventRules;
  readonly mapping: Mapping;
  readonly crm: RecordStore;
  readonly now: number;
}

function openCalendar(port: MailboxPort, { mailbox }: RosterEntry, of: Opening): RecordStore {
  const { events, mapping, crm, now } = of;
  const window = windowOf(events.window, now);
  const chosen = events.calendars === null ? {} : { calendars: events.calendars };
  const opened = port.open({ mailbox: mailbox.id, kind: 'event', window, ...chosen });
  const veils = veilsOf(events);
  const store = veils === null ? opened : createVeiledStore(opened, { mapping, veils });
  const properties = eventProperties(mapping);
  return properties === null ? store : expandFor(store, crm, { properties, window });
}

/** The calendar of a mailbox as a lane. Throws what opening throws. */
export function openEventLane(
  port: MailboxPort,
  entry: RosterEntry,
  of: Opening & { readonly spec: LaneSpec; readonly policy: LanePolicy },
): LaneConfig {
  const { spec, events, mapping, crm } = of;
  return {
    spec,
    stores: { a: openCalendar(port, entry, of), b: crm },
    mapping,
    policy: policyOf(of.policy, entry.profile, { events, mapping, window: windowOf(events.window, of.now) }),
  };
}

/** Why the events of a profile take no part; null = they can. */
export function eventsFinding(profile: Profile): PlatformFinding | null {
  if (profile.events === null || profile.events.mapping !== null) return null;
  return {
    code: 'events-not-mapped',
    severity: 'warn',
    text: `profile "${profile.name}" has rules for events, and the adapter of its CRM ships no mapping for them`,
    remedy: 'Take an adapter that has events, or take the rules out; contacts go on as they are.',
    mailbox: null,
  };
}

/** What an adapter that has no events answers; null = it is another trouble. */
export function unsupportedFinding(error: unknown, mailbox: string): PlatformFinding | null {
  if (!isAdapterError(error) || (error as AdapterError).kind !== 'unsupported') return null;
  return {
    code: 'events-unsupported',
    severity: 'warn',
    text: `${mailbox}: its events take no part, as ${error.message}`,
    remedy: 'Take an adapter that has events, or take the rules out; contacts go on as they are.',
    mailbox,
  };
}
