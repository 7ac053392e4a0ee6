import type { Tally } from '../tally.ts';
import type { RepositoryName } from './repository.ts';

/** Failures that the state in memory does not have. */
export const ofRepository = ({ failures }: Tally): Tally['failures'] =>
  failures.filter((failure) => failure.inMemoryToo !== true);

/** Who is to blame, in words. */
export function blameText(tally: Tally, name: RepositoryName): string {
  const answers = tally.coverage['answers compared'] ?? 0;
  const own = ofRepository(tally);
  const both = tally.failures.length - own.length;
  return [
    `  ${name}: ${answers} answers compared with the state in memory, ${own.length} failures of the repository`,
    ...(both === 0 ? [] : [`  ${both} failures are there in memory too: the engine's, not the repository's`]),
    ...own.slice(0, 5).map(({ seed, check, detail }) => `  seed ${seed}: ${check} ${detail}`),
  ].join('\n');
}
