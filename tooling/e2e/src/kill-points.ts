import type { CrashPoint, Reference } from './kill.ts';

/** mulberry32: the same seed draws the same points. */
function createDraw(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Writes that reach the services in the scene: five creates, five updates or so and two deletes, in a few requests. */
const WRITES = 8;

export function allPoints({ effects }: Reference): CrashPoint[] {
  const around = effects.flatMap((_, index): CrashPoint[] => [
    { effect: index + 1, when: 'before' },
    { effect: index + 1, when: 'after' },
  ]);
  return [...around, ...Array.from({ length: WRITES }, (_, index) => ({ write: index + 1 }))];
}

/** A sample in which half of the points are where something was just sent or just written down. */
export function drawPoints(
  reference: Reference,
  of: { readonly seed: number; readonly count: number },
): CrashPoint[] {
  const draw = createDraw(of.seed);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[Math.floor(draw() * from.length)];
    if (found === undefined) throw new Error('nothing to draw from');
    return found;
  };
  const all = allPoints(reference);
  const hot = all.filter((point) => {
    if ('write' in point) return true;
    return /\.write$|^openIntents$|^commitLane$/.test(reference.effects[point.effect - 1] ?? '');
  });
  const drawn = new Map<string, CrashPoint>();
  while (drawn.size < of.count) {
    const point = pick(drawn.size % 2 === 0 ? hot : all);
    drawn.set(JSON.stringify(point), point);
  }
  return [...drawn.values()];
}

export function nameOf(point: CrashPoint, reference: Reference): string {
  if ('write' in point) return `while write ${point.write} is under way`;
  const { effect, when } = point;
  return `${when} effect ${effect} of ${reference.effects.length} (${reference.effects[effect - 1] ?? '?'})`;
}
