import type { Bed } from './bed.ts';
import type { Figure, Section } from './bounds.ts';
import { PAST_OVERLAP_MS } from './changes.ts';
import type { Remote } from './channel.ts';
import { type Cost, median } from './cost.ts';
import { firstSync, type Settings, type Stocked, withStock } from './scene.ts';
import type { SyncApi } from './sync-process.ts';

const PASSES = 101;
/** One feed of the mailbox and one of the CRM. */
const FEEDS = 2;
const TOLERANCE = 0.2;

interface Idle {
  readonly requests: number;
  readonly writes: number;
  readonly wall: number;
  readonly cpu: number;
  readonly atOnce: Cost & { readonly requests: number };
  readonly peak: number;
  readonly first: Cost;
}

interface Ready {
  readonly bed: Bed;
  readonly sync: Remote<SyncApi>;
  readonly atOnce: Idle['atOnce'];
  readonly peak: number;
  readonly first: Cost;
}

/** A first sync, and then so much time and so many passes that nothing is left to be read again. */
async function bringToRest(stocked: Stocked, count: number): Promise<Ready> {
  const { bed } = stocked;
  const { sync, wall, cpu } = await firstSync(stocked, count);
  const { peak } = await sync.call('memory', undefined);
  const atOnce = await bed.traffic(() => sync.call('round', undefined));
  await bed.advance(PAST_OVERLAP_MS);
  for (let pass = 0; pass < 12; pass += 1) await sync.call('round', undefined);
  return {
    bed,
    sync,
    peak,
    first: { wall, cpu },
    atOnce: { ...atOnce.value, requests: atOnce.traffic.requests },
  };
}

/** Passes of both in turns: whatever else the machine does meets both. */
async function alternate(beds: readonly Ready[]): Promise<readonly Idle[]> {
  const before = await Promise.all(beds.map(({ bed }) => bed.emulator.call('traffic', undefined)));
  const costs: Cost[][] = beds.map(() => []);
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const [at, { sync }] of beds.entries()) costs[at]?.push(await sync.call('round', undefined));
  }
  return Promise.all(
    beds.map(async ({ bed, atOnce, peak, first }, at) => {
      const after = await bed.emulator.call('traffic', undefined);
      return {
        requests: (after.requests - (before[at]?.requests ?? Number.NaN)) / PASSES,
        writes: after.writes - (before[at]?.writes ?? Number.NaN),
        wall: median((costs[at] ?? []).map((cost) => cost.wall)),
        cpu: median((costs[at] ?? []).map((cost) => cost.cpu)),
        atOnce,
        peak,
        first,
      };
    }),
  );
}

function measureIdle(settings: Settings, [few, many]: readonly [number, number]): Promise<readonly Idle[]> {
  settings.log(`idle passes at ${few} and at ${many}`);
  const direction = 'out';
  return withStock({ settings, direction, count: many }, async (large) => {
    const big = await bringToRest(large, many);
    return withStock({ settings, direction, count: few }, async (small) =>
      alternate([await bringToRest(small, few), big]),
    );
  });
}

const apart = (large: number, small: number): number => Math.max(large / small - 1, 0);

/** Idle passes at two sizes, and, since it is there, the peak memory of the larger first sync. */
export async function benchIdle(settings: Settings): Promise<Section> {
  const [few, many] = settings.idle;
  const [small, large] = await measureIdle(settings, settings.idle);
  if (small === undefined || large === undefined) throw new Error('a measurement is missing');
  const of = (count: number, idle: Idle): Figure[] => {
    const at = `at ${count.toLocaleString('en')}`;
    return [
      { name: `requests ${at}`, value: idle.requests, unit: 'requests', bound: FEEDS },
      { name: `writes ${at}`, value: idle.writes, unit: 'writes', bound: 0 },
      { name: `wall ${at}, median`, value: idle.wall, unit: 'ms', bound: null },
      { name: `CPU ${at}, median`, value: idle.cpu, unit: 'ms', bound: null },
      { name: `wall ${at}, right after the first sync`, value: idle.atOnce.wall, unit: 'ms', bound: null },
      { name: `requests ${at}, right after`, value: idle.atOnce.requests, unit: 'requests', bound: null },
    ];
  };
  const figures: Figure[] = [
    ...of(few, small),
    ...of(many, large),
    {
      name: 'wall, large over small',
      value: apart(large.wall, small.wall) * 100,
      unit: '%',
      bound: TOLERANCE * 100,
    },
    {
      name: 'CPU, large over small',
      value: apart(large.cpu, small.cpu) * 100,
      unit: '%',
      bound: TOLERANCE * 100,
    },
    {
      name: `peak memory of a first sync of ${many.toLocaleString('en')}`,
      value: large.peak,
      unit: 'MB',
      bound: 250,
    },
    {
      name: `wall of a first sync of ${many.toLocaleString('en')}`,
      value: large.first.wall,
      unit: 'ms',
      bound: null,
    },
  ];
  return { name: 'idle', title: 'Idle passes, and memory', figures, details: { small, large } };
}
