import type { Figure, Section } from './bounds.ts';
import { type Remote, startRemote } from './channel.ts';
import { type Cost, median } from './cost.ts';
import type { Traffic } from './emulator-process.ts';
import type { PumpApi } from './pump-process.ts';
import { DIRECTIONS, type Direction, firstSync, type Settings, type Stocked, withStock } from './scene.ts';

const BOUND = 2;

interface Timed extends Cost {
  readonly traffic: Traffic;
}

async function runPump({ bed }: Stocked, direction: Direction): Promise<Timed> {
  const pump: Remote<PumpApi> = startRemote<PumpApi>('./pump-process.ts');
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
  return { sync, pump };
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
    details[direction] = runs;
  }
  return { name: 'pump', title: 'First sync beside a bare pump', figures, details };
}
