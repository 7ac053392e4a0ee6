import type { ChangePage, FieldValue, ReadResult, Recurrence, RunRow, StoreRecord } from '@tidelock/core';
import type { CompiledMapping, MappedField } from '@tidelock/engine';
import { is, type Mutant, onAnswer, onLinks } from './mutant.ts';
import { isInView } from './windows.ts';

/** The rule is compared as if no series had an end. */
const endless = (field: MappedField): MappedField => {
  const open = (value: FieldValue): FieldValue => {
    if (typeof value !== 'object' || value === null || !('kind' in value)) return value;
    const { until: _, ...rule } = value as Recurrence;
    return rule;
  };
  return { ...field, equal: (x, y) => field.equal(open(x), open(y)) };
};

function withField(
  mapping: CompiledMapping,
  name: string,
  change: (field: MappedField) => MappedField | null,
): CompiledMapping {
  const fields = mapping.fields.flatMap((field) => (field.name === name ? (change(field) ?? []) : field));
  return { ...mapping, fields, byName: new Map(fields.map((field) => [field.name, field])) };
}

const asOwn = ({ writable: _, ...record }: StoreRecord): StoreRecord => record;

/** Rules that only calendars have (decisions 0520 to 0522), each removed. */
export const OF_CALENDARS: Readonly<Record<string, Mutant>> = {
  'mail-audience': {
    rule: '0521 whom a write reaches is asked before it is sent',
    events: true,
    lane: (lane) => ({ ...lane, audience: { a: () => [], b: null } }),
  },
  'mail-policy': {
    rule: '0521 what would notify waits as the policy says',
    events: true,
    lane: (lane) => ({
      ...lane,
      policy: { ...lane.policy, events: { ...lane.policy.events, mail: 'send' } },
    }),
  },
  'mail-undeclared': {
    rule: '0521 a store that notifies is one',
    events: true,
    lane: (lane) => ({ ...lane, notifies: [] }),
  },
  'mail-budget': {
    rule: '0521 a run notifies no more people than its budget',
    events: true,
    lane: (lane) => ({
      ...lane,
      policy: { ...lane.policy, events: { ...lane.policy.events, mailBudget: null } },
    }),
  },
  'mail-first-sync': {
    rule: '0521 a first sync notifies nobody',
    events: true,
    answer: onAnswer(['runs'], (runs: readonly RunRow[]) =>
      runs.map((run) => ({ ...run, endedAt: 0, stopReason: null, counts: { leftOver: 0 } })),
    ),
  },
  'fit-series': {
    rule: '0520 no exception stands on a day that its series has no more',
    events: true,
    lane: (lane) => ({ ...lane, mapping: { ...lane.mapping, series: null } }),
  },
  'window-is-gone': {
    rule: '6.7 an event that leaves the window is not gone',
    events: true,
    answer: (effect, value, sim) =>
      is(effect, 'read')
        ? (value as readonly ReadResult[]).map((read) =>
            read.state === 'out' && read.record !== undefined && !isInView(read.record, sim.looking)
              ? { state: 'gone', id: read.id }
              : read,
          )
        : value,
  },
  'window-rebase': { rule: '6.7 another window is another enumeration', events: true },
  'split-cut': {
    rule: '0520 a series that ends sooner is another one',
    events: true,
    lane: (lane) => ({ ...lane, mapping: withField(lane.mapping, 'recurrence', endless) }),
  },
  'copy-is-own': {
    rule: '0522 a copy of somebody else is never written',
    events: true,
    lanes: 2,
    answer: (effect, value) => {
      if (is(effect, 'read'))
        return (value as readonly ReadResult[]).map((read) =>
          read.state === 'found' ? { ...read, record: asOwn(read.record) } : read,
        );
      if (!is(effect, 'changes')) return value;
      const page = value as ChangePage;
      return {
        ...page,
        changes: page.changes.map((change) =>
          change.kind === 'changed' && change.record !== undefined
            ? { ...change, record: asOwn(change.record as StoreRecord) }
            : change,
        ),
      };
    },
  },
  'copy-let-go': {
    rule: '0522 who lets go of a copy deletes nothing',
    events: true,
    lanes: 2,
    answer: onLinks(({ a, ...link }) => {
      const { closed: _, ...open } = a ?? { id: '' };
      return { ...link, a: a === null ? null : open };
    }),
  },
  'copy-lookup': {
    rule: '0618 a meeting is made in a mailbox only after its copies were asked for',
    events: true,
    lanes: 2,
    answer: (effect, value) =>
      is(effect, 'findShared') ? (effect.args[0] as readonly string[]).map(() => []) : value,
  },
  'one-event': {
    rule: '0522 one event of several mailboxes is known by its uid',
    events: true,
    lanes: 2,
    lane: (lane) => ({ ...lane, mapping: withField(lane.mapping, 'uid', () => null) }),
  },
};
