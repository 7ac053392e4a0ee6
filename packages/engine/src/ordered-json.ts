/**
 * JSON whose text does not hang on the order in which names were put in: a state may give a row's fields back in an
 * order of its own, and what is hashed, compared or kept as text must not differ by it.
 */
export function toOrderedJson(value: unknown): string {
  return JSON.stringify(ordered(value));
}

const isInOrder = (names: readonly string[]): boolean =>
  names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name);

/** Mostly they are: to sort them anew would make each row a list that nobody keeps. */
const inOrder = (names: string[]): readonly string[] => (isInOrder(names) ? names : names.sort());

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const of = value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const name of inOrder(Object.keys(of))) out[name] = ordered(of[name]);
  return out;
}
