import type { DeleteCounts, FeedCommit, FeedRow, LaneRow, Link } from '@tidelock/core';
import { is, type Mutant, onAnswer, onRequest, type Touching, withFirst } from './mutant.ts';
import type { Sim } from './sim.ts';

interface Due {
  readonly by: string;
  readonly now: number;
  readonly limit: number;
}

/** A pass asks for a handful of what is due soon when all is done: what it has to come back for. */
const isAskedLast = (effect: Touching): boolean => {
  const { by, limit } = (effect.args[1] ?? {}) as Partial<Due>;
  return is(effect, 'links') && by === 'work' && limit === 50;
};
const nowOf = (effect: Touching): number => (effect.args[1] as Due).now;

/** What is noted where the feed stands already came from elsewhere. */
const isBeside = ({ cursor, feed, lanes }: FeedCommit, { state }: Sim): boolean =>
  lanes.length > 0 && cursor !== null && state.tables.feeds.get(feed)?.cursor === cursor;

/** The place in its feed behind everything. */
const endOf = ({ b, clock }: Sim, cursor: string): string => {
  const at = b.options.feed === 'log' ? b.log.length : clock.wall() + b.options.skewMs;
  return `${b.options.feed === 'log' ? 'd' : 'p'}:${cursor.split(':')[1]}:${at}`;
};

/** Rules that look at whole feeds and at histories. */
export const OF_BREAKERS: Readonly<Record<string, Mutant>> = {
  'scope-freeze': {
    rule: '6.5 a changed scope freezes',
    request: onRequest(['commitObservations'], (effect) =>
      withFirst<FeedCommit>(effect, (made) => ({
        ...made,
        lanes: made.lanes.map((lane) => ({
          ...lane,
          suspects: lane.suspects.map((suspect) => ({ ...suspect, feed: 'main' })),
        })),
      })),
    ),
  },
  'named-cursor': {
    rule: '6.1 records that were named move no cursor',
    lanes: 2,
    request: onRequest(['commitObservations'], (effect, sim) =>
      withFirst<FeedCommit>(effect, (made) => {
        const { cursor } = made;
        return cursor !== null && isBeside(made, sim) ? { ...made, cursor: endOf(sim, cursor) } : made;
      }),
    ),
  },
  'second-look-empty': {
    rule: '6.6 an empty listing is looked at twice',
    answer: onAnswer(['feeds'], (rows: readonly FeedRow[]) =>
      rows.map((row) => ({ ...row, pageHash: 'empty:0' })),
    ),
  },
  'brake-everywhere': {
    rule: '6.6 deletes of ten minutes count over all lanes',
    lanes: 2,
    answer: onAnswer(['deletesSince'], (made: DeleteCounts) => ({ ...made, tenant: 0 })),
  },
  'brake-day': {
    rule: '6.6 deletes of a day count',
    answer: onAnswer(['deletesSince'], (made: DeleteCounts) => ({ ...made, lane: { a: 0, b: 0 } })),
  },
  'brake-sides': {
    rule: '6.6 deletes of a day count on the side where they were made',
    answer: onAnswer(['deletesSince'], ({ lane: { a, b }, tenant }: DeleteCounts) => ({
      lane: { a: b, b: a },
      tenant,
    })),
  },
  'approval-names': {
    rule: '6.6 an approval lets go what it names, and nothing else',
    answer: onAnswer(['lanes'], (rows: readonly LaneRow[], sim) =>
      rows.map((row) => {
        const linkIds = [...(sim.state.tables.lanes.get(row.id)?.links.keys() ?? [])];
        return { ...row, approved: row.approved.map((granted) => ({ ...granted, linkIds })) };
      }),
    ),
  },
  'look-again': {
    rule: '6.3 whoever leaves a second look behind comes back for it',
    answer: (effect, value) => (isAskedLast(effect) ? [] : value),
  },
  'look-meanwhile': {
    rule: '6.3 so does one whose second look came due meanwhile',
    answer: (effect, value, sim) => {
      if (!isAskedLast(effect)) return value;
      const { a, b } = sim.options;
      const wall = nowOf(effect) - 1_000 * Math.max(a.caps.lagSeconds, b.caps.lagSeconds);
      return (value as readonly Link[]).filter((link) => (link.quarantine?.nextAt ?? 0) > wall);
    },
  },
  oscillation: {
    rule: '5.4 the oscillation breaker',
    answer: (effect, value) => (is(effect, 'history') ? [] : value),
  },
  'systemic-breaker': {
    rule: '7.3 the circuit breaker of a side',
    lane: (lane) => ({
      ...lane,
      policy: { ...lane.policy, breaker: { share: 1, most: Number.POSITIVE_INFINITY, least: 2 } },
    }),
  },
  unpark: {
    rule: '7.3 another mapping, another try',
    answer: onAnswer(['lanes'], (rows: readonly LaneRow[]) =>
      rows.map((row) => ({ ...row, scopeHash: null })),
    ),
  },
  'audit-compare': {
    rule: '6.5 an audit compares both bases',
    answer: (effect, value) => {
      const query = effect.args[1] as { by?: string; limit?: number } | undefined;
      return is(effect, 'links') && query?.by === 'page' && query.limit !== 1 ? [] : value;
    },
  },
};
