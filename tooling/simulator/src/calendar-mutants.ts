import type { Mutant } from './mutant.ts';

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
  'fit-series': {
    rule: '0520 no exception stands on a day that its series has no more',
    events: true,
    lane: (lane) => ({ ...lane, mapping: { ...lane.mapping, series: null } }),
  },
};
