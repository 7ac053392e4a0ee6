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
  /** Of deletes of events: most wait because they would notify people, so the crashes have few to fall upon (row 12). */
  readonly deletingEvents: Chances;
  readonly item: Chances;
  /** Of one record that is read, and of one in a store whose reads may be stale. */
  readonly itemRead: Chances;
  readonly laggingRead: Chances;
}

/** How many times oftener than others. */
interface Often {
  readonly late?: number;
  readonly lost?: number;
  readonly crash?: number;
}

const writeFates = (rates: Rates, often: Often = {}): Chances => [
  ['crash-before', rates.crash * (often.crash ?? 1)],
  ['crash-after', rates.crash * (often.crash ?? 1)],
  ['crash-late', rates.crash * (often.crash ?? 1)],
  ['lostApplied', rates.lostApplied * (often.lost ?? 1)],
  ['lostNotApplied', rates.lostNotApplied],
  ['late', rates.late * (often.late ?? 1)],
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
  write: writeFates(rates),
  harmful: writeFates(rates, { late: 5 }),
  replacing: writeFates(rates, { lost: 6 }),
  deletingEvents: writeFates(rates, { crash: 6 }),
  item: [
    ['retryItem', rates.retryItem],
    ['missingItem', rates.missingItem],
  ],
  itemRead: [['failedItem', rates.failedItem]],
  laggingRead: [
    ['failedItem', rates.failedItem],
    ['staleRead', rates.staleRead],
  ],
});
