/** Longest common subsequence of two line arrays as index pairs. Quadratic: callers bound the input. */
export function commonLines(
  left: readonly string[],
  right: readonly string[],
): readonly (readonly [number, number])[] {
  const width = right.length + 1;
  const table = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const down = table[(i + 1) * width + j] ?? 0;
      const across = table[i * width + j + 1] ?? 0;
      const both = (table[(i + 1) * width + j + 1] ?? 0) + 1;
      table[i * width + j] = left[i] === right[j] ? both : Math.max(down, across);
    }
  }
  return walk(left, right, table);
}

/** Reads one longest subsequence out of the table, from the start. */
function walk(
  left: readonly string[],
  right: readonly string[],
  table: Uint32Array,
): readonly (readonly [number, number])[] {
  const width = right.length + 1;
  const pairs: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if ((table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}

const MAX_LINES = 600;

interface Anchor {
  readonly base: number;
  readonly a: number;
  readonly b: number;
}

/** Base lines that both sides still have, with their positions, closed by an anchor behind the last line. */
function anchorsOf(base: readonly string[], a: readonly string[], b: readonly string[]): readonly Anchor[] {
  const inA = new Map(commonLines(base, a));
  const inB = new Map(commonLines(base, b));
  const anchors: Anchor[] = [];
  for (let line = 0; line < base.length; line++) {
    const atA = inA.get(line);
    const atB = inB.get(line);
    if (atA !== undefined && atB !== undefined) anchors.push({ base: line, a: atA, b: atB });
  }
  return [...anchors, { base: base.length, a: a.length, b: b.length }];
}

const same = (x: readonly string[], y: readonly string[]): boolean =>
  x.length === y.length && x.every((line, i) => line === y[i]);

/**
 * Three-way merge of lines (diff3). Returns null when both sides changed the same region differently, or when a text
 * is too long to compare: the caller's policy decides then. Never writes conflict markers.
 */
export function mergeText(base: string, a: string, b: string): string | null {
  const lines = { base: base.split('\n'), a: a.split('\n'), b: b.split('\n') };
  if (Math.max(lines.base.length, lines.a.length, lines.b.length) > MAX_LINES) return null;
  const out: string[] = [];
  let at = { base: 0, a: 0, b: 0 };
  for (const anchor of anchorsOf(lines.base, lines.a, lines.b)) {
    const was = lines.base.slice(at.base, anchor.base);
    const inA = lines.a.slice(at.a, anchor.a);
    const inB = lines.b.slice(at.b, anchor.b);
    if (same(inA, was)) out.push(...inB);
    else if (same(inB, was) || same(inA, inB)) out.push(...inA);
    else return null;
    const kept = lines.base[anchor.base];
    if (kept !== undefined) out.push(kept);
    at = { base: anchor.base + 1, a: anchor.a + 1, b: anchor.b + 1 };
  }
  return out.join('\n');
}

type Sides = { readonly a: readonly string[]; readonly b: readonly string[] };

/** Three-way merge of sets: what both kept, plus what either added. */
export function mergeSet(base: Sides, now: Sides): string[] {
  const fold = (values: readonly string[]): Map<string, string> =>
    new Map(values.map((value) => [value.toLowerCase(), value]));
  const [inA, inB, wasA, wasB] = [fold(now.a), fold(now.b), fold(base.a), fold(base.b)];
  const out = new Map<string, string>();
  for (const [key, value] of [...inA, ...inB]) {
    const addedByA = inA.has(key) && !wasA.has(key);
    const addedByB = inB.has(key) && !wasB.has(key);
    if ((inA.has(key) && inB.has(key)) || addedByA || addedByB) out.set(key, out.get(key) ?? value);
  }
  return [...out.values()].sort((x, y) => (x.toLowerCase() < y.toLowerCase() ? -1 : 1));
}
