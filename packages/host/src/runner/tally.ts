/** Counts since the process began. Names are closed lists: nothing of them grows with mailboxes or people. */
export interface Tally {
  add(name: CountName, labels: readonly string[], by?: number): void;
  /** Every count with the labels that it was made under, in the order of the names. */
  read(name: CountName): readonly { readonly labels: readonly string[]; readonly count: number }[];
}

/**
 * `passes` by outcome; `writes` by side and effect; `errors` by kind; `readings` of shared feeds by outcome; `reviews` and
 * `held` as they came up; `conflicts` that were decided; `refreshes` of the roster by outcome.
 */
export const COUNTS = [
  'passes',
  'writes',
  'errors',
  'readings',
  'reviews',
  'held',
  'conflicts',
  'refreshes',
] as const;
export type CountName = (typeof COUNTS)[number];

const SEPARATOR = '\n';

export function createTally(): Tally {
  const counts = new Map<CountName, Map<string, number>>(COUNTS.map((name) => [name, new Map()]));
  return {
    add(name, labels, by = 1) {
      const of = counts.get(name);
      const key = labels.join(SEPARATOR);
      of?.set(key, (of.get(key) ?? 0) + by);
    },
    read: (name) =>
      [...(counts.get(name) ?? [])].map(([key, count]) => ({
        labels: key === '' ? [] : key.split(SEPARATOR),
        count,
      })),
  };
}
