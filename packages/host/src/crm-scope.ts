import type { CrmPort, CrmScope, EventWindow, Mapping, RecordStore } from '@tidelock/core';
import type { Config } from './config.ts';
import { MAIN_CRM, ofCrm } from './crm-connections.ts';
import { unionOf, windowOf } from './event-window.ts';
import type { EventRules } from './profiles/effective-events.ts';
import type { RosterEntry } from './profiles/roster.ts';

/** One store for all lanes with a CRM, with what any of them maps or filters by: its feed is read once for all. */
export function crmProperties(entries: readonly RosterEntry[]): readonly string[] {
  const properties = entries.flatMap(({ profile }) => {
    const { mapping, filter } = profile.contacts;
    const mapped = new Set(mapping.fields.map((rule) => rule.field));
    const filtered = filter.map((rule) => rule.field).filter((field) => !mapped.has(field));
    return [...mapping.fields.map((rule) => rule.crm), ...filtered];
  });
  return [...new Set(properties)];
}

/** Kinds of records of one CRM connection that take part under any profile. */
export function kindsOf({ profiles }: Pick<Config, 'profiles'>, crm: string): readonly CrmScope['kind'][] {
  const hasEvents = Object.values(profiles).some(
    (profile) => profile.events !== undefined && (profile.crm ?? MAIN_CRM) === crm,
  );
  return hasEvents ? ['contact', 'event'] : ['contact'];
}

/** Properties of the CRM that events are filtered by and that no field stands for. */
const filterProperties = ({ filter, mapping }: EventRules): readonly string[] => {
  const mapped = new Set(mapping?.fields.map(({ field }) => field));
  return filter.map(({ field }) => field).filter((field) => !mapped.has(field));
};

/** What of a CRM's events all of these profiles look at. */
interface EventsSeen {
  readonly properties: readonly string[];
  readonly window: EventWindow;
}

function scopeOf(all: readonly [EventRules, ...EventRules[]], now: number): EventsSeen {
  const mapped = all.flatMap(({ mapping }) => mapping?.fields.map((rule) => rule.crm) ?? []);
  const [first, ...others] = all;
  const window = ({ window: asked }: EventRules): EventWindow => windowOf(asked, now);
  return {
    properties: [...new Set([...mapped, ...all.flatMap(filterProperties)])],
    window: unionOf([window(first), ...others.map(window)]),
  };
}

type WithEvents = readonly [EventRules & { readonly mapping: Mapping }, RosterEntry];

/** The profile's rules for events, of those that have any that can be followed. */
export const withEvents = (entry: RosterEntry): readonly WithEvents[] => {
  const { events } = entry.profile;
  return events === null || events.mapping === null ? [] : [[{ ...events, mapping: events.mapping }, entry]];
};

/** The events of each CRM, one store for all lanes with it, and what it was opened on. */
export function crmEvents(crms: ReadonlyMap<string, CrmPort>, all: readonly WithEvents[], now: number) {
  const known = new Map<string, { store: RecordStore; scope: EventsSeen }>();
  return (crm: string) => {
    const [first, ...others] = all.filter(([, { profile }]) => profile.crm === crm).map(([rules]) => rules);
    const opened = known.get(crm);
    if (opened !== undefined || first === undefined) return opened ?? ofCrm(known, crm);
    const scope = scopeOf([first, ...others], now);
    const store = ofCrm(crms, crm).open({ kind: 'event', ...scope });
    known.set(crm, { store, scope });
    return { store, scope };
  };
}
