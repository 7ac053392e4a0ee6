import type { Bed } from './bed.ts';
import type { Figure, Section } from './bounds.ts';
import { PAST_OVERLAP_MS } from './changes.ts';
import type { Remote } from './channel.ts';
import { type Cost, median } from './cost.ts';
import { firstSync, type Settings, type Stocked, withStock } from './scene.ts';
import type { SyncApi } from './sync-process.ts';

const PASSES = 201;
/** Passes before the measuring begins: both processes have to be as warm, whatever they did before. */
const WARM_UP = 300;
/** One feed of the mailbox and one of the CRM. */
const FEEDS = 2;
const TOLERANCE = 0.2;

interface Idle {
  readonly requests: number;
  readonly writes: number;
  readonly wall: number;
  readonly cpu: number;
  /** Of one pass. */
  readonly effects: number;
  readonly bytes: number;
  readonly costs: readonly Cost[];
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
  const { sync, wall, cpu } = await firstSync(stocked, count, { counting: true });
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

/** Passes of both in turns, each first half of the time: whatever else the machine does meets both. */
async function takeTurns(beds: readonly Ready[], passes: number): Promise<Cost[][]> {
  const costs: Cost[][] = beds.map(() => []);
  for (let pass = 0; pass < passes; pass += 1) {
    const turns = [...beds.entries()];
    for (const [at, { sync }] of pass % 2 === 0 ? turns : turns.toReversed())
      costs[at]?.push(await sync.call('round', undefined));
  }
  return costs;
}

async function alternate(beds: readonly Ready[]): Promise<readonly Idle[]> {
  await takeTurns(beds, WARM_UP);
  const counted = async ({ bed, sync }: Ready) => ({
    ...(await bed.emulator.call('traffic', undefined)),
    ...(await sync.call('effort', undefined)),
  });
  const before = await Promise.all(beds.map(counted));
  const costs = await takeTurns(beds, PASSES);
  const after = await Promise.all(beds.map(counted));
  return beds.map(({ atOnce, peak, first }, at) => {
    const more = (name: 'requests' | 'writes' | 'effects' | 'bytes'): number =>
      (after[at]?.[name] ?? Number.NaN) - (before[at]?.[name] ?? Number.NaN);
    const mine = costs[at] ?? [];
    return {
      requests: more('requests') / PASSES,
      writes: more('writes'),
      effects: more('effects') / PASSES,
      bytes: more('bytes') / PASSES,
      wall: median(mine.map((cost) => cost.wall)),
      cpu: median(mine.map((cost) => cost.cpu)),
      costs: mine,
      atOnce,
      peak,
      first,
    };
  });
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

const apart = (large: number, small: number): number => (large / small - 1) * 100;

/** Median of what each pass of the larger cost beside the pass of the smaller that ran next to it. */
const beside = (large: Idle, small: Idle, of: keyof Cost): number =>
  median(large.costs.map((cost, at) => apart(cost[of], small.costs[at]?.[of] ?? Number.NaN)));

/** Megabytes: a first sync the other way, out of the CRM into many mailboxes, which have their turns. */
function peakOfMany(
  settings: Settings,
  count: number,
): Promise<{ readonly peak: number; readonly mailboxes: number }> {
  settings.log(`first sync of ${count.toLocaleString('en')} into many mailboxes`);
  return withStock({ settings, direction: 'in', count }, async (stocked) => {
    const { sync } = await firstSync(stocked, count);
    const { peak } = await sync.call('memory', undefined);
    return { peak, mailboxes: stocked.mailboxes };
  });
}

/** Idle passes at two sizes, and, since it is there, the peak memory of the larger first sync; and of one the other way. */
export async function benchIdle(settings: Settings): Promise<Section> {
  const [few, many] = settings.idle;
  const [small, large] = await measureIdle(settings, settings.idle);
  if (small === undefined || large === undefined) throw new Error('a measurement is missing');
  const into = await peakOfMany(settings, many);
  const of = (count: number, idle: Idle): Figure[] => {
    const at = `at ${count.toLocaleString('en')}`;
    return [
      { name: `requests ${at}`, value: idle.requests, unit: 'requests', bound: FEEDS },
      { name: `writes ${at}`, value: idle.writes, unit: 'writes', bound: 0 },
      { name: `wall ${at}, median`, value: idle.wall, unit: 'ms', bound: null },
      { name: `CPU ${at}, median`, value: idle.cpu, unit: 'ms', bound: null },
      { name: `calls of stores and state ${at}`, value: idle.effects, unit: 'calls', bound: null },
      { name: `bytes read and written ${at}`, value: idle.bytes, unit: 'bytes', bound: null },
      { name: `wall ${at}, right after the first sync`, value: idle.atOnce.wall, unit: 'ms', bound: null },
      { name: `requests ${at}, right after`, value: idle.atOnce.requests, unit: 'requests', bound: null },
    ];
  };
  const figures: Figure[] = [
    ...of(few, small),
    ...of(many, large),
    {
      name: 'wall, large over small',
      value: beside(large, small, 'wall'),
      unit: '%',
      bound: TOLERANCE * 100,
    },
    {
      name: 'CPU, large over small',
      value: beside(large, small, 'cpu'),
      unit: '%',
      bound: TOLERANCE * 100,
    },
    {
      name: 'calls, large over small',
      value: apart(large.effects, small.effects),
      unit: '%',
      bound: TOLERANCE * 100,
    },
    {
      name: 'bytes, large over small',
      value: apart(large.bytes, small.bytes),
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
      name: `peak memory of a first sync of ${many.toLocaleString('en')} into ${into.mailboxes} mailboxes`,
      value: into.peak,
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
