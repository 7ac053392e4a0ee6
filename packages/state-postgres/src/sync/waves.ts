/**
 * Rows in as few groups as possible such that no key stands twice in one: a statement may touch a row once only. The
 * order of rows with the same key is kept.
 */
export function toWaves<T>(rows: readonly T[], keyOf: (row: T) => string): T[][] {
  const waves: T[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const key = keyOf(row);
    const at = seen.get(key) ?? 0;
    seen.set(key, at + 1);
    const wave = waves[at];
    if (wave === undefined) waves.push([row]);
    else wave.push(row);
  }
  return waves;
}
