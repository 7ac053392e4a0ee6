import { sayValue, type UndoItem, type UndoMode } from '@tidelock/engine';
import type { LaneUndo } from '../take-back.ts';

const WHOLE: Readonly<Record<Exclude<UndoItem['op'], 'update'>, string>> = {
  create: 'made again',
  delete: 'deleted again',
  link: 'paired again',
  unlink: 'unlinked',
};

/** What becomes of the side that a value came from. */
export const UNDO_MODE: Readonly<Record<UndoMode, string>> = {
  hold: 'The side it came from keeps its value; the field waits in review.',
  'revert-source': 'The side it came from gets its old value back too, where it still has the new one.',
  detach: 'The pairs are unlinked for good.',
};

export interface UndoCounts {
  readonly all: number;
  readonly planned: number;
  readonly done: number;
  readonly skipped: number;
  readonly held: number;
  readonly failed: number;
  readonly open: number;
}

/** How many things there are, by what became of them. What is as it was already needs nobody. */
export function undoCounts(reports: readonly LaneUndo[]): UndoCounts {
  const items = reports.flatMap((report) => report.items.filter(({ code }) => code !== 'already'));
  const of = (outcome: UndoItem['outcome']): number =>
    items.filter((item) => item.outcome === outcome).length;
  const open = reports.reduce((sum, report) => sum + report.open, 0);
  return {
    all: items.length,
    planned: of('planned'),
    done: of('done'),
    ...{ skipped: of('skipped'), held: of('held'), failed: of('failed'), open: Math.max(open, of('open')) },
  };
}

/** One line a field; a record as a whole is one line. */
export function undoLines(item: UndoItem): string[] {
  if (item.op !== 'update') return [WHOLE[item.op]];
  return item.changes.map(
    ({ field, old, new: now }) =>
      `${field}: ${sayValue(old)} → ${sayValue(now)}${item.holds.includes(field) ? ', then held' : ''}`,
  );
}
