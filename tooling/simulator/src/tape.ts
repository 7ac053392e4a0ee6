/** Every random decision of a schedule. 0 is always the harmless answer, so a shorter tape is a calmer schedule. */
export interface Tape {
  /** An integer in [0, n). */
  choice(n: number): number;
  /** True at `rate` in 10,000; never for the answer 0. */
  happens(rate: number): boolean;
  readonly recorded: readonly number[];
}

/**
 * mulberry32: 32 bits of state, good enough to pick faults, quick enough not to be noticed. Of each number 31 bits are
 * used: what fits into a small integer is divided without a call.
 */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 1;
  };
}

function tapeOf(draw: () => number): Tape {
  const recorded: number[] = [];
  const choice = (n: number): number => {
    if (n <= 1) return 0;
    const value = draw() % n;
    recorded.push(value);
    return value;
  };
  return { choice, happens: (rate) => choice(10_000) >= 10_000 - rate, recorded };
}

export const seededTape = (seed: number): Tape => tapeOf(mulberry32(Math.imul(seed, 0x9e3779b1) ^ seed));

/** Plays what was recorded, and only harmless answers after its end. */
export function replayTape(choices: readonly number[]): Tape {
  let at = 0;
  return tapeOf(() => choices[at++] ?? 0);
}

/** `[position, value]` of every choice that is not 0. */
export type SparseTape = readonly (readonly [number, number])[];

export const toSparse = (choices: readonly number[]): SparseTape =>
  choices.flatMap((value, at) => (value === 0 ? [] : [[at, value] as const]));

export function fromSparse(sparse: SparseTape): number[] {
  const last = sparse.at(-1);
  const out = new Array<number>(last === undefined ? 0 : last[0] + 1).fill(0);
  for (const [at, value] of sparse) out[at] = value;
  return out;
}
