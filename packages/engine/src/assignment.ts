/**
 * Maximum-weight one-to-one assignment (Hungarian method, O(n^3)). `weights[i][j]` >= 0; 0 means "never pair".
 * Ties are broken towards lower indices, so callers sort their records first. Returns the column of each row or -1.
 */
export function assign(weights: readonly (readonly number[])[]): readonly number[] {
  const rows = weights.length;
  const columns = weights[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  const cost = (i: number, j: number): number => -(weights[i - 1]?.[j - 1] ?? 0);
  const u = new Float64Array(size + 1);
  const v = new Float64Array(size + 1);
  const match = new Int32Array(size + 1);
  const way = new Int32Array(size + 1);
  for (let i = 1; i <= size; i++) augment({ i, size, cost, u, v, match, way });
  const result = new Array<number>(rows).fill(-1);
  for (let j = 1; j <= size; j++) {
    const row = (match[j] ?? 0) - 1;
    if (row >= 0 && row < rows && j <= columns && (weights[row]?.[j - 1] ?? 0) > 0) result[row] = j - 1;
  }
  return result;
}

interface Step {
  readonly i: number;
  readonly size: number;
  readonly cost: (i: number, j: number) => number;
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly match: Int32Array;
  readonly way: Int32Array;
}

const at = (array: Float64Array | Int32Array, index: number): number => array[index] ?? 0;

interface Scan {
  readonly least: Float64Array;
  readonly used: Uint8Array;
}

/** Extends the search from `column`; returns the next column to visit and how far the potentials move. */
function relax(step: Step, scan: Scan, column: number): { next: number; delta: number } {
  const { size, cost, u, v, match, way } = step;
  const { least, used } = scan;
  const row = at(match, column);
  let delta = Number.POSITIVE_INFINITY;
  let next = 0;
  for (let j = 1; j <= size; j++) {
    if (used[j]) continue;
    const reduced = cost(row, j) - at(u, row) - at(v, j);
    if (reduced < at(least, j)) {
      least[j] = reduced;
      way[j] = column;
    }
    if (at(least, j) < delta) {
      delta = at(least, j);
      next = j;
    }
  }
  return { next, delta };
}

function shift({ size, u, v, match }: Step, { least, used }: Scan, delta: number): void {
  for (let j = 0; j <= size; j++) {
    if (used[j]) {
      u[at(match, j)] = at(u, at(match, j)) + delta;
      v[j] = at(v, j) - delta;
    } else least[j] = at(least, j) - delta;
  }
}

/** One phase of the Hungarian method: finds a shortest augmenting path from row `i`. */
function augment(step: Step): void {
  const { i, size, match, way } = step;
  const scan: Scan = {
    least: new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY),
    used: new Uint8Array(size + 1),
  };
  match[0] = i;
  let column = 0;
  do {
    scan.used[column] = 1;
    const { next, delta } = relax(step, scan, column);
    shift(step, scan, delta);
    column = next;
  } while (at(match, column) !== 0);
  while (column !== 0) {
    const previous = at(way, column);
    match[column] = at(match, previous);
    column = previous;
  }
}

/** Total weight of an assignment. */
export function weightOf(weights: readonly (readonly number[])[], columns: readonly number[]): number {
  return columns.reduce((sum, column, row) => sum + (column < 0 ? 0 : (weights[row]?.[column] ?? 0)), 0);
}
