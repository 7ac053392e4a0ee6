const keyOf = (text: string): string => text.trim().toLowerCase();

/** Who holds which of the values that were asked for; texts are compared without case and blanks around them. */
export interface Holders<T> {
  /** What has to be asked for: each value once, no blank. */
  readonly wanted: readonly string[];
  add(values: readonly unknown[], holder: T): void;
  /** One array per value asked, in that order. */
  answer(): readonly (readonly T[])[];
}

export function createHolders<T>(asked: readonly string[]): Holders<T> {
  const found = new Map<string, T[]>();
  return {
    wanted: [...new Set(asked.map(keyOf))].filter((value) => value !== ''),
    add(values, holder) {
      const texts = values.filter((value): value is string => typeof value === 'string');
      for (const key of new Set(texts.map(keyOf)))
        if (key !== '') found.set(key, [...(found.get(key) ?? []), holder]);
    },
    answer: () => asked.map((value) => found.get(keyOf(value)) ?? []),
  };
}
