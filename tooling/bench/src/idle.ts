import type { Figure, Section } from './bounds.ts';
import { PAST_OVERLAP_MS } from './changes.ts';
import { type Cost, median } from './cost.ts';
import { firstSync, type Settings, withStock } from './scene.ts';

const PASSES = 41;
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

async function measureIdle(settings: Settings, count: number): Promise<Idle> {
  settings.log(`idle passes at ${count}`);
  return withStock({ settings, direction: 'out', count }, async (stocked) => {
    const { bed } = stocked;
    const { sync, wall, cpu } = await firstSync(stocked, count);
    const { peak } = await sync.call('memory', undefined);
    const atOnce = await bed.traffic(() => sync.call('round', undefined));
    await bed.advance(PAST_OVERLAP_MS);
    for (let pass = 0; pass < 12; pass += 1) await sync.call('round', undefined);
    const { value, traffic } = await bed.traffic(async () => {
      const costs: Cost[] = [];
      for (let pass = 0; pass < PASSES; pass += 1) costs.push(await sync.call('round', undefined));
      return costs;
    });
    return {
      requests: traffic.requests / PASSES,
      writes: traffic.writes,
      wall: median(value.map((cost) => cost.wall)),
      cpu: median(value.map((cost) => cost.cpu)),
      atOnce: { ...atOnce.value, requests: atOnce.traffic.requests },
      peak,
      first: { wall, cpu },
    };
  });
}

const apart = (large: number, small: number): number => Math.max(large / small - 1, 0);

/** Idle passes at two sizes, and, since it is there, the peak memory of the larger first sync. */
export async function benchIdle(settings: Settings): Promise<Section> {
  const [few, many] = settings.idle;
  const small = await measureIdle(settings, few);
  const large = await measureIdle(settings, many);
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
