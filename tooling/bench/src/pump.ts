import type { Figure, Section } from './bounds.ts';
import { type Remote, startMeasured } from './channel.ts';
import { type Cost, median } from './cost.ts';
import { DIRECTIONS, type Direction } from './direction.ts';
import type { Traffic } from './emulator-process.ts';
import type { PumpApi } from './pump-process.ts';
import { differencesOf } from './same-pages.ts';
import { firstSync, type Settings, type Stocked, withStock } from './scene.ts';

const BOUND = 2;

interface Timed extends Cost {
  readonly traffic: Traffic;
}

async function runPump({ bed }: Stocked, direction: Direction): Promise<Timed> {
  const pump: Remote<PumpApi> = startMeasured<PumpApi>('pump-process');
  try {
    const { configPath, origins, mailboxes, caFiles } = bed;
    const { value, traffic } = await bed.traffic(async () => {
      await pump.call('open', { configPath, origins, caFiles });
      return pump.call('pump', { direction, mailboxes });
    });
    return { ...value, traffic };
  } finally {
    await pump.close();
  }
}

interface Run {
  readonly sync: Timed;
  readonly pump: Timed;
}

async function runBoth(settings: Settings, direction: Direction): Promise<Run> {
  const of = { settings, direction, count: settings.pumped };
  const pump = await withStock(of, (stocked) => runPump(stocked, direction));
  const sync = await withStock(of, async (stocked) => {
    const { wall, cpu, traffic } = await firstSync(stocked, settings.pumped);
    return { wall, cpu, traffic };
  });
  const differences = differencesOf({ pump: pump.traffic.pages, sync: sync.traffic.pages });
  if (differences.length > 0)
    throw new Error(`the pump and the sync do not read the same pages:\n${differences.join('\n')}`);
  return { sync, pump };
}

/** What a request to a quick service on the internet takes, in milliseconds, and contacts that are enough to see it. */
const FAR = { ms: 50, contacts: 5_000 } as const;

/** Both once more where each answer comes from far away: what people see, and no bound. */
async function benchFar(settings: Settings, direction: Direction): Promise<Figure> {
  const name = DIRECTIONS[direction];
  settings.log(`pump and first sync of ${FAR.contacts}, ${name}, each answer ${FAR.ms} ms later`);
  const run = (measure: (stocked: Stocked) => Promise<Cost>): Promise<Cost> =>
    withStock({ settings, direction, count: FAR.contacts }, async (stocked) => {
      await stocked.bed.emulator.call('answerLate', { direction, ms: FAR.ms });
      return measure(stocked);
    });
  const pump = await run((stocked) => runPump(stocked, direction));
  const sync = await run((stocked) => firstSync(stocked, FAR.contacts));
  const value = sync.wall / pump.wall;
  return { name: `${name}: times the pump, ${FAR.ms} ms away`, value, unit: 'x', bound: null };
}

/** Wall time of a first sync beside that of a bare pump, which has no engine and no state, run in turns. */
export async function benchPump(settings: Settings): Promise<Section> {
  const figures: Figure[] = [];
  const details: Record<string, unknown> = {};
  for (const direction of ['out', 'in'] as const) {
    const runs: Run[] = [];
    for (let run = 1; run <= settings.runs; run += 1) {
      settings.log(`pump and first sync of ${settings.pumped}, ${DIRECTIONS[direction]}, run ${run}`);
      runs.push(await runBoth(settings, direction));
    }
    const of = (which: keyof Run, cost: keyof Cost): number => median(runs.map((run) => run[which][cost]));
    const [sync, pump] = [of('sync', 'wall'), of('pump', 'wall')];
    const perContact = (which: keyof Run): number => of(which, 'cpu') / settings.pumped;
    const name = DIRECTIONS[direction];
    figures.push({ name: `${name}: bare pump`, value: pump, unit: 'ms', bound: null });
    figures.push({ name: `${name}: first sync`, value: sync, unit: 'ms', bound: null });
    figures.push({ name: `${name}: times the pump`, value: sync / pump, unit: 'x', bound: BOUND });
    for (const [which, who] of [
      ['pump', 'bare pump'],
      ['sync', 'first sync'],
    ] as const)
      figures.push({
        name: `${name}: CPU of the ${who}`,
        value: perContact(which),
        unit: 'ms/contact',
        bound: null,
      });
    figures.push(await benchFar(settings, direction));
    details[direction] = runs;
  }
  return { name: 'pump', title: 'First sync beside a bare pump', figures, details };
}
