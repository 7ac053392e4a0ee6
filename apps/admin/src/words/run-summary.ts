import { plural } from './figures.ts';

/** Words for what a run counts, in the order in which people want to know it. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^creat/, 'created'],
  [/^updat/, 'changed'],
  [/^delet/, 'deleted'],
  [/^link/, 'linked'],
  [/^unlink/, 'unlinked'],
  [/^review/, 'asked'],
  [/^conflict/, 'in conflict'],
  [/^park|^refus|^fail/, 'refused'],
];

/** `3 created, 12 changed`; what is nought is left out. */
export function runSummary(counts: Readonly<Record<string, number>>): string {
  const sums = WORDS.map(([pattern, word]) => {
    const sum = Object.entries(counts).reduce(
      (total, [name, value]) => (pattern.test(name) ? total + value : total),
      0,
    );
    return [sum, word] as const;
  });
  const texts = sums.filter(([sum]) => sum > 0).map(([sum, word]) => plural(sum, word, word));
  return texts.length === 0 ? 'nothing changed' : texts.join(', ');
}
