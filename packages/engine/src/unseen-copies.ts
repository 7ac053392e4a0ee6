import type { Suspect } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import { UID_KEY } from './features.ts';
import type { Pass } from './lane.ts';

const isCopied = ({ side, keys = [] }: Suspect): boolean =>
  side === 'b' && keys.some((key) => key.startsWith(UID_KEY));

/**
 * Whether somebody else has told the lane something since the pass began. Counted and not timed: clocks jump, and this decides what
 * is made.
 */
function* isToldByOthers({ lane, heard }: Pass): Core<boolean> {
  if (heard === null) return false;
  const [row] = yield* state('lanes', [lane.spec.id]);
  return row !== undefined && row.dirtySeq !== heard.dirtySeq;
}

/**
 * Those that match nothing, less CRM events with a `uid` while this mailbox was not read to its end after the CRM was: such an
 * event came from some mailbox, and where this one has it as well, its own copy is told by its own feed. Another process can read
 * the CRM while this one reads the mailbox; then it is the next pass that reads it after that.
 */
export function* uncopied(pass: Pass, suspects: readonly Suspect[]): Core<Suspect[]> {
  const copied = new Set(suspects.filter(isCopied));
  if (copied.size === 0) return [...suspects];
  if (pass.mailboxRead && (yield* isToldByOthers(pass))) {
    pass.mailboxRead = false;
    pass.more = true;
  }
  // All that are placed in this pass were loaded before: what is told from here on is nothing to it.
  pass.heard = null;
  return suspects.filter((suspect) => pass.mailboxRead || !copied.has(suspect));
}
