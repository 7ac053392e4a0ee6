import type { UndoItem, UndoPreview } from '../api/history.ts';
import { plural } from './figures.ts';

export interface UndoWords {
  readonly planned: readonly UndoItem[];
  /** What stays as it is although it was asked for, with a reason each. */
  readonly skipped: readonly UndoItem[];
  /** Null: there is nothing to take back. */
  readonly text: string | null;
}

/** What a preview says. What is as it was already needs nobody. */
export function undoWords({ lanes }: Pick<UndoPreview, 'lanes'>): UndoWords {
  const items = lanes.flatMap((lane) => lane.items).filter(({ code }) => code !== 'already');
  const planned = items.filter(({ outcome }) => outcome === 'planned');
  const skipped = items.filter(({ outcome }) => outcome === 'skipped');
  if (planned.length + skipped.length === 0) return { planned, skipped, text: null };
  const stays = skipped.length === 0 ? '' : `; ${plural(skipped.length, 'stays', 'stay')} as it is`;
  return {
    planned,
    skipped,
    text: `${plural(planned.length, 'change is', 'changes are')} taken back${stays}.`,
  };
}

/** Deletes that wait for somebody to let them go. */
export const heldOf = ({ lanes }: Pick<UndoPreview, 'lanes'>): UndoPreview['lanes'][number]['held'] =>
  lanes.find(({ held }) => held !== null)?.held ?? null;
