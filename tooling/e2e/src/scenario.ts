import type { CrmVendor } from '@tidelock/emulators';
import { createRandom } from '@tidelock/emulators/kit';
import type { StageOptions } from './stage.ts';
import { createStorm, type Storm } from './storm.ts';
import { createWorld, KILLED, type World } from './world.ts';

type Act = (world: World) => void | Promise<void>;

/** An acceptance case as a play: what is there, what people do one after the other, and what must hold in the end. */
export interface Scenario {
  /** Begins with the number of the case. */
  readonly name: string;
  readonly options?: StageOptions;
  /** Before the first sync. */
  readonly arrange: Act;
  /** Before each of them the product has come to rest once. They are done in fair weather; what follows is not. */
  readonly acts?: readonly Act[];
  /** Asserted through the oracles, when everything has come to rest and the weather is fair. */
  readonly check: Act;
}

/** Waits of a refused record, and a bit (minutes): after the last one everything that can be retried was retried. */
const RETRIES = [2, 15, 90, 500, 1_600] as const;
const ATTEMPTS = 6;

const atRest = ({ lanes, settled }: Awaited<ReturnType<World['sync']>>, mailboxes: number): boolean =>
  settled &&
  lanes.length >= mailboxes &&
  lanes.every((lane) => lane.status === 'done' && lane.openOutcomes === 0);

async function nextProcess(world: World, storm: Storm): Promise<void> {
  try {
    await world.restart();
  } catch {
    // It could not even start: the one after it meets better weather.
    storm.lift();
    await world.restart();
  }
}

/** One run; null when its process was killed on the way. */
async function run(world: World, storm: Storm): Promise<Awaited<ReturnType<World['sync']>> | null> {
  if (storm.chance(0.2)) world.killAt(storm.death());
  try {
    return await world.sync();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== KILLED) throw error;
    await nextProcess(world, storm);
    return null;
  } finally {
    world.killAt(null);
  }
}

/** Runs as an operator's timer would: again and again, each time perhaps in a new process. */
async function weather(world: World, storm: Storm): Promise<void> {
  const mailboxes = Object.keys(world.stage.people).length;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    storm.gust();
    if (storm.chance(0.3)) await nextProcess(world, storm);
    const report = await run(world, storm);
    world.later(storm.minutes());
    if (storm.spent() && report !== null && atRest(report, mailboxes)) break;
  }
  storm.lift();
}

/** `soon`: as soon as nothing is left to do; else the last retry of a refused record is waited for as well. */
async function comeToRest(world: World, { soon }: { readonly soon: boolean }): Promise<void> {
  const mailboxes = Object.keys(world.stage.people).length;
  await world.restart();
  for (const minutes of RETRIES) {
    world.later(minutes);
    const report = await world.sync();
    const parked = (await world.platform().status()).reduce((sum, lane) => sum + lane.parked, 0);
    if (soon && parked === 0 && atRest(report, mailboxes)) return;
  }
}

/**
 * Plays it, in fair weather or, with a seed, under a script of faults drawn from it. Faults stop before the check.
 * Resolves to the number of faults that struck. Closing the world also fails when an exchange with Graph broke its
 * description.
 */
export async function play(
  scenario: Scenario,
  seed: number | null,
  vendor: CrmVendor = 'salesforce',
): Promise<number> {
  const options = { stateFile: 'tidelock.db', vendor, ...scenario.options };
  await using world = await createWorld(options);
  const storm = seed === null ? null : createStorm(world, createRandom(seed));
  await scenario.arrange(world);
  for (const act of [null, ...(scenario.acts ?? [])]) {
    if (act !== null) {
      await comeToRest(world, { soon: true });
      await act(world);
    }
    if (storm !== null) await weather(world, storm);
  }
  await comeToRest(world, { soon: false });
  try {
    await scenario.check(world);
  } catch (error) {
    if (storm !== null && error instanceof Error)
      error.message += `\nseed ${seed}; faults that struck:\n${storm.story()}`;
    throw error;
  }
  return storm?.struck() ?? 0;
}
