import type { FeedCommit, FeedRow, LaneRow } from '@tidelock/core';
import { is, type Mutant, onAnswer, onRequest, withFirst } from './mutant.ts';

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
  'second-look-empty': {
    rule: '6.6 an empty listing is looked at twice',
    answer: onAnswer(['feeds'], (rows: readonly FeedRow[]) =>
      rows.map((row) => ({ ...row, pageHash: 'empty:0' })),
    ),
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
