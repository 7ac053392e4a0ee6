import { sayInstant } from './sentence.ts';
import { AT_ONCE } from './unpark.ts';

/** When a refused write is made again. */
export function sayNextTry(nextAt: number | null): string {
  if (nextAt === null) return 'It is not tried again until the record changes or a person asks for it.';
  if (nextAt === AT_ONCE) return 'It is tried again with the next sync.';
  return `It is tried again with the first sync after ${sayInstant(nextAt)}, or as soon as the record changes.`;
}
