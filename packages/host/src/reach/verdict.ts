import type { Mailbox } from '@tidelock/core';

/**
 * `open`: meant to be open, and is. `closed`: not meant to be, and is not. `too-wide`: open although nobody meant it.
 * `missing`: meant to be open, and refused. `no-mailbox`: there is none. `unknown`: could not be told at present.
 */
export type ReachVerdict = 'open' | 'closed' | 'too-wide' | 'missing' | 'no-mailbox' | 'unknown';

const INSIDE: Readonly<Record<Mailbox['state'], ReachVerdict>> = {
  ready: 'open',
  'out-of-scope': 'missing',
  'no-mailbox': 'no-mailbox',
  unavailable: 'unknown',
};
const OUTSIDE: Readonly<Record<Mailbox['state'], ReachVerdict>> = {
  ready: 'too-wide',
  'out-of-scope': 'closed',
  'no-mailbox': 'no-mailbox',
  unavailable: 'unknown',
};

export const verdictOf = (state: Mailbox['state'], intended: boolean): ReachVerdict =>
  (intended ? INSIDE : OUTSIDE)[state];

/** What a person has to look at. A mailbox that should take part and is not there counts, one that should not does not. */
export const isTrouble = (verdict: ReachVerdict, intended: boolean): boolean =>
  verdict === 'too-wide' ||
  verdict === 'missing' ||
  verdict === 'unknown' ||
  (verdict === 'no-mailbox' && intended);
