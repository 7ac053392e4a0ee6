import type { Profile, Written } from '../api/profiles.ts';

/** `contacts.onDelete.crm` -> its new value; undefined = what the defaults say again. */
export type Changes = ReadonlyMap<string, unknown>;

type Values = Readonly<Record<string, unknown>>;

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function read(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isValues(at) ? at[name] : undefined), values);
}

/** What events are ruled by where a profile that had none is given some. */
const EVENT_DEFAULTS: Values = {
  direction: 'both',
  window: { pastDays: 30, futureDays: 365 },
  notify: 'hold',
  mailBudget: null,
  private: 'skip',
  detail: 'full',
  readOnly: 'ignore',
  master: 'mailbox',
  people: { create: false, ownDomains: [] },
};

/** What is meant where a rule of contacts says nothing. */
const CONTACT_DEFAULTS: Values = { conflict: 'newer' };

export interface Drafted {
  readonly effective: Profile['effective'];
  readonly changes: Changes;
}

/** What a rule is, with what somebody has changed and not saved. */
export function ruleOf({ effective, changes }: Drafted, path: string): unknown {
  if (changes.has(path)) return changes.get(path);
  const at = path.split('.');
  return read(effective, at) ?? read({ contacts: CONTACT_DEFAULTS, events: EVENT_DEFAULTS }, at);
}

/** Whether events take part, with what has been changed. */
export function hasEvents({ effective, changes }: Drafted): boolean {
  if (changes.has('events')) return changes.get('events') !== undefined;
  return isValues(effective.events);
}

/** The same with one rule changed; changed back, it is no change. */
export function withRule(drafted: Drafted, path: string, value: unknown): Changes {
  const next = new Map(drafted.changes);
  const before = ruleOf({ ...drafted, changes: new Map() }, path);
  if (JSON.stringify(before) === JSON.stringify(value)) next.delete(path);
  else next.set(path, value);
  return next;
}

/** Events on, as the defaults have them, or off; what was changed about them goes with it. */
export function withEvents({ effective, changes }: Drafted, on: boolean): Changes {
  const next = new Map([...changes].filter(([path]) => !path.startsWith('events')));
  if (on !== isValues(effective.events)) next.set('events', on ? {} : undefined);
  return next;
}

function put(values: Values, path: readonly string[], value: unknown): Values {
  const [name = '', ...rest] = path;
  const below = rest.length === 0 ? value : put(isValues(values[name]) ? values[name] : {}, rest, value);
  const { [name]: _, ...others } = values;
  return below === undefined ? others : { ...others, [name]: below };
}

/** The profile as the configuration file will have it: what stood there, and the changes over it. */
export function writtenWith(written: Written | null, changes: Changes): Written {
  const ordered = [...changes].sort(([x], [y]) => x.length - y.length);
  return ordered.reduce<Values>(
    (values, [path, value]) => put(values, path.split('.'), value),
    written ?? {},
  );
}
