import { range, toOutlook, toRecord } from '@tidelock-tooling/e2e/people';
import { createWorld, type World } from '@tidelock-tooling/e2e/world';
import type { Figure, Section } from './bounds.ts';
import { measure } from './cost.ts';
import type { Settings } from './scene.ts';

/** `out`: mailbox to CRM. `in`: CRM to mailbox. */
const DIRECTIONS = { out: 'Exchange -> HubSpot', in: 'HubSpot -> Exchange' } as const;
type Direction = keyof typeof DIRECTIONS;

/** What may be asked in any ten seconds, and how many of it an account of this plan has. */
const WINDOW_MS = 10_000;
const ALLOWED = 190;
const OVERLAP_MS = 11 * 60_000;

interface Seen {
  readonly hubspot: number;
  readonly graph: number;
}

/** Requests from now on; what stands in a batch of Exchange is one with it. */
function countRequests({ crm, graph }: World): () => Seen {
  const seen = { hubspot: 0, graph: 0 };
  crm.log.on(() => {
    seen.hubspot += 1;
  });
  graph.log.on(({ path, inBatch }) => {
    if (path.startsWith('/v1.0') && inBatch === undefined) seen.graph += 1;
  });
  return () => ({ ...seen });
}

/** Most requests but searches in any ten seconds, as a share of what is allowed. */
function watchRate(world: World): () => number {
  const times: number[] = [];
  world.crm.log.on(({ at, path }) => {
    if (!path.endsWith('/search')) times.push(at);
  });
  return () => {
    let [most, first] = [0, 0];
    times.forEach((at, index) => {
      while ((times[first] ?? at) <= at - WINDOW_MS) first += 1;
      most = Math.max(most, index - first + 1);
    });
    return most / ALLOWED;
  };
}

function stock(world: World, direction: Direction, count: number): void {
  if (direction === 'out')
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      range(count).map((n) => toOutlook(n)),
    );
  else world.crm.seed(count, (n) => toRecord(n));
}

async function firstSync(settings: Settings, direction: Direction, count: number) {
  settings.log(`first sync of ${count}, ${DIRECTIONS[direction]}`);
  await using world = await createWorld({
    vendor: 'hubspot',
    judged: false,
    sync: { maxLinksPerPass: count },
  });
  stock(world, direction, count);
  world.later(60);
  const rate = watchRate(world);
  const requests = countRequests(world);
  const started = world.clock.now();
  const { cpu } = await measure(() => world.sync());
  const emulated = world.clock.now() - started;
  const first = requests();
  if (world.mailbox().length !== count || world.records().length !== count)
    throw new Error(`the mailbox holds ${world.mailbox().length}, the CRM ${world.records().length}`);
  for (let pass = 0; pass < 4; pass += 1) {
    world.clock.advance(OVERLAP_MS);
    await world.sync();
  }
  world.clock.advance(OVERLAP_MS);
  const before = requests();
  await world.round();
  const after = requests();
  return {
    ...first,
    cpu,
    emulated,
    rate: rate(),
    refused: world.stage.hubspot.oracle.apiCalls().refused,
    idle: after.hubspot + after.graph - before.hubspot - before.graph,
  };
}

type Measured = Awaited<ReturnType<typeof firstSync>>;

function figuresOf(direction: Direction, count: number, of: Measured): Figure[] {
  const name = `${DIRECTIONS[direction]}, ${count.toLocaleString('en')} contacts`;
  const all = (of.hubspot + of.graph) / count;
  return [
    { name: `${name}: HubSpot`, value: of.hubspot / count, unit: 'requests/item', bound: 0.05 },
    // Exchange takes twenty in a batch: that alone is 0.05 where it is written.
    { name: `${name}: both`, value: all, unit: 'requests/item', bound: direction === 'out' ? 0.05 : null },
    { name: '  answers 429', value: of.refused, unit: 'answers', bound: 0 },
    // Where Exchange is written, its own limits are the narrower ones.
    {
      name: '  left of the allowed rate at its height',
      value: 1 - of.rate,
      unit: '',
      bound: direction === 'out' ? 0.2 : null,
    },
    { name: '  idle pass', value: of.idle, unit: 'requests', bound: 3 },
    { name: '  time by the emulated clock', value: of.emulated / 1_000, unit: 's', bound: null },
    { name: '  CPU, emulators included', value: of.cpu, unit: 'ms', bound: null },
  ];
}

/** First syncs with HubSpot, which counts requests in every ten seconds: in one process, on a clock that waits for nobody. */
export async function benchHubSpot(settings: Settings): Promise<Section> {
  const figures: Figure[] = [];
  const details: Record<string, unknown> = {};
  for (const [direction, count] of [
    ['out', settings.pumped],
    ['in', settings.counted],
  ] as const) {
    const measured = await firstSync(settings, direction, count);
    figures.push(...figuresOf(direction, count, measured));
    details[direction] = measured;
  }
  return { name: 'hubspot', title: 'First syncs and idle passes with HubSpot', figures, details };
}
