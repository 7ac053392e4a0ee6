/**
 * JSON whose text does not hang on the order in which names were put in: a state may give a row's fields back in an
 * order of its own, and what is hashed, compared or kept as text must not differ by it.
 */
export function toOrderedJson(value: unknown): string {
  return JSON.stringify(ordered(value));
}

const isInOrder = (names: readonly string[]): boolean =>
  names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name);

/** The value itself where it is in order, as most are: a copy would be a list and an object that nobody keeps. */
function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const of = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(of);
  let isSame = isInOrder(names);
  if (!isSame) names.sort();
  const values = names.map((name) => {
    const one = ordered(of[name]);
    isSame &&= one === of[name];
    return one;
  });
  if (isSame) return of;
  const out: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) out[name] = values[index];
  return out;
}
