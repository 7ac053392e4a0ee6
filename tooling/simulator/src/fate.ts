import type { Fault, Rates } from './options.ts';

/** What becomes of one request. */
export type Fate = 'ok' | 'crash-before' | 'crash-after' | 'crash-late' | Fault;

/** Fates of an effect with their rates, in 10,000. */
export type Chances = readonly (readonly [Fate, number])[];

/** What can become of an effect, by its kind. */
export interface Fates {
  readonly state: Chances;
  readonly read: Chances;
  readonly write: Chances;
  /** Of requests that do harm when they are late: they are late oftener (rule Z, 5.7). */
  readonly harmful: Chances;
  /** Of creates that replace a record which was deleted: their answers are lost oftener (7.1, back after its tombstone). */
  readonly replacing: Chances;
  readonly item: Chances;
}

const writeFates = (rates: Rates, often: { readonly late: number; readonly lost: number }): Chances => [
  ['crash-before', rates.crash],
  ['crash-after', rates.crash],
  ['crash-late', rates.crash],
  ['lostApplied', rates.lostApplied * often.lost],
  ['lostNotApplied', rates.lostNotApplied],
  ['late', rates.late * often.late],
  ['refusedCall', rates.refusedCall],
];

export const fatesOf = (rates: Rates): Fates => ({
  state: [
    ['crash-before', rates.crash],
    ['crash-after', rates.crash],
  ],
  read: [
    ['crash-before', rates.crash],
    ['crash-after', rates.crash],
    ['refusedCall', rates.refusedCall],
    ['denied', rates.denied],
  ],
  write: writeFates(rates, { late: 1, lost: 1 }),
  harmful: writeFates(rates, { late: 5, lost: 1 }),
  replacing: writeFates(rates, { late: 1, lost: 6 }),
  item: [
    ['retryItem', rates.retryItem],
    ['missingItem', rates.missingItem],
  ],
});
