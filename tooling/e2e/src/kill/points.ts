import type { Reference, References } from './crash.ts';
import { createDraw } from './draw.ts';
import type { StateName } from './place.ts';
import type { CrashPoint, EffectPoint } from './point.ts';

/** Writes that reach the services in the scene: five creates, five updates or so and two deletes, in a few requests. */
const WRITES = 8;
/** Deaths of one of two workers, spread over its effects. */
const CREW_DEATHS = 6;
const SIDES = ['a', 'b'] as const;

const around = (effect: number): readonly EffectPoint[] => [
  { effect, when: 'before' },
  { effect, when: 'after' },
];

/** The places at which a pause or a death is told apart by another worker: where the lane is taken, written, stored. */
function telling({ effects }: Reference): readonly EffectPoint[] {
  const first = (name: string): number[] => {
    const at = effects.indexOf(name);
    return at < 0 ? [] : [at + 1];
  };
  return ['acquireLane', 'commitObservations', 'openIntents', 'a.write', 'b.write', 'releaseLane']
    .flatMap(first)
    .flatMap(around);
}

function heldPoints(): CrashPoint[] {
  const lands = ['before', 'after'] as const;
  return SIDES.flatMap((side) =>
    (['POST', 'PATCH', 'DELETE'] as const).flatMap((held) =>
      lands.map((when): CrashPoint => ({ held, side, lands: when })),
    ),
  );
}

/** Points at which two workers matter; over SQLite one process at a time works in a folder. */
function workerPoints(of: References, state: StateName): CrashPoint[] {
  const places = telling(of.alone);
  const pauses = places.map((pause): CrashPoint => ({ pause }));
  if (state === 'sqlite') return pauses.filter((_, index) => index % 2 === 0);
  const { length } = of.crew.effects;
  const crew = Array.from({ length: CREW_DEATHS }, (_, index): CrashPoint => {
    const effect = Math.ceil(((index + 1) * length) / (2 * (CREW_DEATHS + 1)));
    return { crew: { effect, when: index % 2 === 0 ? 'before' : 'after' } };
  });
  const write = places.find(({ effect }) => of.alone.effects[effect - 1] === 'b.write');
  const slow: CrashPoint[] = write === undefined ? [] : [{ pause: write, wait: true }];
  return [...slow, ...pauses, ...places.map((other): CrashPoint => ({ other })), ...crew];
}

/**
 * Around every step of the table. Between two of them the pass only asks the state: dying there leaves what dying after
 * the first of them left.
 */
export function allPoints(of: References, state: StateName): CrashPoint[] {
  const effects = of.alone.rows.flatMap((rows, index): readonly CrashPoint[] =>
    rows.length === 0
      ? []
      : around(index + 1).filter(({ when }) => when === 'before' || !of.alone.failed.has(index + 1)),
  );
  const writes = Array.from({ length: WRITES }, (_, index): CrashPoint => ({ write: index + 1 }));
  return [...workerPoints(of, state), ...heldPoints(), ...effects, ...writes];
}

/** Rows of the crash table that a point belongs to. */
export function rowsOfPoint(point: CrashPoint, of: References): readonly number[] {
  const at = ({ effect }: EffectPoint): readonly number[] => of.alone.rows[effect - 1] ?? [];
  if ('effect' in point) return at(point);
  if ('write' in point) return [14];
  if ('held' in point) return [17];
  if ('pause' in point) return [18];
  return 'other' in point ? at(point.other) : [];
}

/**
 * A sample: `count` points, half of them where something was just sent or just written down, and one of each of the
 * last two rows.
 */
export function drawPoints(
  of: References,
  from: { readonly state: StateName; readonly seed: number; readonly count: number },
): CrashPoint[] {
  const draw = createDraw(from.seed);
  const pick = <T>(these: readonly T[]): T => {
    const found = these[Math.floor(draw() * these.length)];
    if (found === undefined) throw new Error('nothing to draw from');
    return found;
  };
  const all = allPoints(of, from.state).filter((point) => !('wait' in point));
  const own = all.filter((point) => 'effect' in point || 'write' in point);
  const hot = own.filter((point) => {
    if ('write' in point) return true;
    if (!('effect' in point)) return false;
    return /\.write$|^openIntents$|^commitLane$/.test(of.alone.effects[point.effect - 1] ?? '');
  });
  const drawn = new Map<string, CrashPoint>();
  const add = (point: CrashPoint): void => void drawn.set(JSON.stringify(point), point);
  add(pick(all.filter((point) => 'held' in point)));
  add(pick(all.filter((point) => 'pause' in point)));
  const wanted = from.count + drawn.size;
  while (drawn.size < wanted) add(pick(drawn.size % 2 === 0 ? hot : own));
  return [...drawn.values()];
}

const METHOD = { POST: 'create', PATCH: 'update', DELETE: 'delete' } as const;

export function nameOf(point: CrashPoint, of: References): string {
  const at = ({ effect, when }: EffectPoint, { effects }: Reference = of.alone): string =>
    `${when} effect ${effect} of ${effects.length} (${effects[effect - 1] ?? '?'})`;
  if ('effect' in point) return at(point);
  if ('write' in point) return `while write ${point.write} is under way`;
  if ('held' in point)
    return `a ${METHOD[point.held]} on side ${point.side} lands ${point.lands} the next process`;
  if ('other' in point) return `another worker after a death ${at(point.other)}`;
  if ('crew' in point) return `one of two workers dies ${at(point.crew, of.crew)}`;
  return `paused ${at(point.pause)}${point.wait === true ? ', for longer than a lease' : ''}`;
}
