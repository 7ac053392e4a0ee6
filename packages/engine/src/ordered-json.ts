/**
 * JSON whose text does not hang on the order in which names were put in: a state may give a row's fields back in an
 * order of its own, and what is hashed, compared or kept as text must not differ by it.
 */
export function toOrderedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  });
}
