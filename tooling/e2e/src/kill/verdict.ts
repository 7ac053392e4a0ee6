import type { Aftermath } from './crash.ts';
import type { Picture } from './scene.ts';

/** What became of a pass that was killed, beside one that was not. */
export interface Verdict {
  readonly reached: boolean;
  /** Records that stand on a side once more than they should. */
  readonly twice: number;
  /** Records that should stand on a side and do not, as they should. */
  readonly lost: number;
  /** Records that nobody made: of another content than any that should be there. */
  readonly other: number;
  /** Writes of the pass after the restarted one. */
  readonly idleWrites: number;
}

function count(lines: readonly string[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const line of lines) counted.set(line, (counted.get(line) ?? 0) + 1);
  return counted;
}

function compareSide(there: readonly string[], wanted: readonly string[]) {
  const is = count(there);
  const should = count(wanted);
  const sums = { twice: 0, lost: 0, other: 0 };
  for (const [line, n] of should) sums.lost += Math.max(0, n - (is.get(line) ?? 0));
  for (const [line, n] of is) {
    const known = should.get(line);
    if (known === undefined) sums.other += n;
    else sums.twice += Math.max(0, n - known);
  }
  return sums;
}

export function judge({ killed, picture, idleWrites }: Aftermath, wanted: Picture): Verdict {
  const a = compareSide(picture.mailbox, wanted.mailbox);
  const b = compareSide(picture.crm, wanted.crm);
  return {
    reached: killed,
    twice: a.twice + b.twice,
    lost: a.lost + b.lost,
    other: a.other + b.other,
    idleWrites,
  };
}

/** Everything that is wrong, in words; empty where nothing is. */
export const faultsOf = ({ reached, twice, lost, other, idleWrites }: Verdict): string[] => [
  ...(reached ? [] : ['the point was not reached']),
  ...(twice === 0 ? [] : [`${twice} records stand there twice`]),
  ...(lost === 0 ? [] : [`${lost} records are lost, or not as they should be`]),
  ...(other === 0 ? [] : [`${other} records are there that no run without a crash leaves`]),
  ...(idleWrites === 0 ? [] : [`the pass after the restart wrote ${idleWrites} times`]),
];
