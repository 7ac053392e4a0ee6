import type { PassReport } from '@tidelock/engine';
import { plural, SIDE } from './words.ts';

/** Something of a pass that a person should know. */
export interface PassTrouble {
  readonly code: 'failed' | 'busy' | 'paused' | 'held' | 'open';
  readonly text: string;
  /** What a person can do, or null. */
  readonly remedy: string | null;
}

/** Held deletes, failures and busy mailboxes of one pass. `name`: of the mailbox. */
export function sayTroubles(report: PassReport, name: string): readonly PassTrouble[] {
  const { error, held, openOutcomes, status } = report;
  const troubles: PassTrouble[] = [];
  const add = (code: PassTrouble['code'], text: string, remedy: string | null = null): void =>
    void troubles.push({ code, text, remedy });
  if (error) add('failed', `${error.message} (${error.kind})`, error.remedy);
  if (status === 'busy') add('busy', 'another process works on this mailbox, or died within the last minute');
  if (status === 'paused') add('paused', 'nothing was read or written', `tidelock resume ${name}`);
  if (held) {
    const text = `${plural(held.count, 'delete')} in the ${SIDE[held.side]} (${held.reason})`;
    add('held', text, `tidelock review decide ${held.hash.slice(0, 8)} apply|keep`);
  }
  if (openOutcomes > 0)
    add('open', `${plural(openOutcomes, 'write')} of unknown fate; the next sync settles it`);
  return troubles;
}
