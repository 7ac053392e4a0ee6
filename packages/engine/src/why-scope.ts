import type { HistoryRow } from '@tidelock/core';
import { SCOPE_WAIT, type Sentence, sayInstant, sentence } from './sentence.ts';

/** A delete that waits until it is known what a changed filter takes; null = none does. `history`: newest first. */
export function whyScopeWait(history: readonly HistoryRow[], what: string): Sentence | null {
  const row = history.find(({ op }) => op === 'hold' || op === 'gone');
  if (row?.op !== 'hold' || !row.rule.endsWith(SCOPE_WAIT)) return null;
  return sentence('delete-waits', 'waits', {
    text: `${what} Its partner is not deleted since ${sayInstant(row.at)}: folder, filter or owner was changed, and what it takes now was not listed to the end yet. Leaving a filter never deletes anything, so deletes wait for that; the first sync that has listed everything decides.`,
  });
}
