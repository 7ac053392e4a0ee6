import type { Random } from '../kit/random.ts';

/** A copy in random order. */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const pool = [...items];
  for (let i = pool.length - 1; i > 0; i -= 1) {
    const j = random.int(i + 1);
    const [a, b] = [pool[i], pool[j]];
    if (a !== undefined && b !== undefined) [pool[i], pool[j]] = [b, a];
  }
  return pool;
}
