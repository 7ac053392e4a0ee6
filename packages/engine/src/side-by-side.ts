/**
 * Results in the order of the items, of which so many are worked on at a time, in their order. After an abort nothing
 * more is begun. An error is thrown when everything that was begun has ended, and nothing more is begun after it.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  of: {
    readonly atOnce: number;
    readonly work: (item: T) => Promise<R>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<R[]> {
  const results: { readonly at: number; readonly value: R }[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const runner = async (): Promise<void> => {
    while (failures.length === 0 && of.signal?.aborted !== true) {
      const next = queue.next();
      if (next.done === true) return;
      const [at, item] = next.value;
      try {
        results.push({ at, value: await of.work(item) });
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: of.atOnce }, runner));
  if (failures.length > 0) throw failures[0];
  return results.toSorted((x, y) => x.at - y.at).map(({ value }) => value);
}
