import type { RowFate } from '@tidelock/engine';
import { SIDE } from './words.ts';

type Obstacle = NonNullable<RowFate['obstacle']>;

function sideChange(row: RowFate['row'], obstacle: Obstacle, side: 'a' | 'b'): string | null {
  const [planned] = row[side];
  if (planned === undefined) return obstacle[side].length > 0 ? `it is in the ${SIDE[side]} by now` : null;
  const now = obstacle[side].find((ref) => ref.id === planned.id);
  if (now?.version === planned.version) return null;
  if (planned.version === null) return `the record in the ${SIDE[side]} is back`;
  return now?.version == null
    ? `the record in the ${SIDE[side]} is gone`
    : `the record in the ${SIDE[side]} was changed`;
}

/** Why a row of a plan was not carried out, in words. */
export function driftWords({ row, obstacle }: RowFate): string {
  if (obstacle === null) return 'nothing of it is left to do, or one of its records is gone';
  if (obstacle.rival) return 'a record turned up that may be the same person';
  const changes = (['a', 'b'] as const)
    .map((side) => sideChange(row, obstacle, side))
    .filter((text) => text !== null);
  if (changes.length > 0) return changes.join(', and ');
  return 'the mapping, the policy or the state of the pair changed';
}
