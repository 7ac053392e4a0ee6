import type { StoreOptions } from './store-options.ts';

/** A real store's abilities and habits, put over what was drawn for side B. */
type Profile = (drawn: StoreOptions) => StoreOptions;

/**
 * HubSpot: nothing conditional, no answer with the record, nobody told apart; changes by a search that lags, deletions in no
 * search (a side list at the end of a round tells them), merges whose result is a record of its own.
 */
const hubspot: Profile = (drawn) => ({
  ...drawn,
  feed: 'poll',
  sideList: true,
  mergesIntoNew: true,
  commitLagMs: Math.max(drawn.commitLagMs, 5_000),
  caps: {
    ...drawn.caps,
    conditionalUpdate: false,
    conditionalDelete: false,
    createKey: 'unique',
    representation: false,
    modifiedBy: false,
    deletions: 'side-list',
    contentInFeed: true,
    stampInFeed: true,
    merges: true,
    lagSeconds: 10,
  },
});

export const PROFILES: Readonly<Record<string, Profile>> = { hubspot };
