import {
  ann,
  CUSTOMERS,
  calendarOf,
  DAY_MS,
  eventWrites,
  openScene,
  settle,
} from '@tidelock-tooling/e2e/calendar-scene';
import { type Scene, shown } from '@tidelock-tooling/e2e/crm-events';
import { range } from '@tidelock-tooling/e2e/people';
import type { Figure, Section } from './bounds.ts';
import { measure } from './cost.ts';
import type { Settings } from './scene.ts';

const TITLES = { salesforce: 'Exchange -> Salesforce', hubspot: 'Exchange -> HubSpot' } as const;
type Vendor = keyof typeof TITLES;

/** Dates that a series shows: one of them was moved, and one more was cancelled. */
const DATES = 10;
/** Feeds of one calendar and its CRM, in requests. HubSpot tells of no deletion, so its meetings are counted too. */
const IDLE: Readonly<Record<Vendor, number>> = { salesforce: 2, hubspot: 3 };
const WEEK_MINUTES = 7 * 24 * 60;
const FIRST_DAY = Date.parse('2026-11-02T00:00:00Z');
const OVERLAP_MINUTES = 11;

const at = (ms: number) => ({ dateTime: new Date(ms).toISOString().slice(0, 19), timeZone: 'UTC' });

/** Of every five meetings one has guests. The first ones leave the window when it moves. */
function single(n: number): Readonly<Record<string, unknown>> {
  const start = FIRST_DAY + Math.floor(n / 16) * DAY_MS + (6 + (n % 16)) * 3_600_000;
  const guests = CUSTOMERS.slice(0, 2).map((address) => ({ type: 'required', emailAddress: { address } }));
  return {
    subject: `Meeting ${n}`,
    start: at(start),
    end: at(start + 1_800_000),
    body: { contentType: 'html', content: `<p>Agenda of meeting ${n}</p>` },
    ...(n % 5 === 0 ? { attendees: guests } : {}),
  };
}

function series(n: number): Readonly<Record<string, unknown>> {
  const start = Date.parse('2026-12-07T00:00:00Z') + (n % 5) * DAY_MS + (6 + (n % 12)) * 3_600_000;
  const weekday = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  return {
    subject: `Series ${n}`,
    start: at(start),
    end: at(start + 3_600_000),
    recurrence: {
      pattern: { type: 'weekly', interval: 1, daysOfWeek: [weekday[new Date(start).getUTCDay()]] },
      range: {
        type: 'numbered',
        startDate: new Date(start).toISOString().slice(0, 10),
        numberOfOccurrences: DATES + 1,
      },
    },
  };
}

/** A fifth of them are dates of series, each of which has one that was moved and one that was cancelled. */
function stock(scene: Scene, count: number): void {
  const { world } = scene;
  const { admin, oracle } = world.graph;
  for (const email of CUSTOMERS) world.crm.create({ lastName: email.split('@')[0] ?? '', email });
  const masters = Math.round(count / 5 / DATES);
  admin.seedEvents(ann(scene), range(count - masters * DATES).map(single));
  for (const { id } of admin.seedEvents(ann(scene), range(masters).map(series))) {
    const window = { start: FIRST_DAY, end: FIRST_DAY + 200 * DAY_MS };
    const dates = oracle.instances(ann(scene), window).filter(({ seriesMasterId }) => seriesMasterId === id);
    const [, second, third] = dates;
    if (second === undefined || third === undefined) throw new Error('a series has too few dates');
    admin.deleteEvent(ann(scene), second.id);
    admin.updateEvent(ann(scene), third.id, {
      start: at(third.start + 3_600_000),
      end: at(third.end + 3_600_000),
      subject: 'Later than usual',
    });
  }
}

type Kinds = Readonly<Record<string, number>>;

/** Ids and numbers are left out, so that requests of one kind are counted together. */
const kindOf = (method: string, path: string): string =>
  `${method} ${path.replace(/\?.*$/, '').replace(/[\w=-]{16,}/g, '*')}`;

/** Requests from now on, by kind; what stands in a batch is one with it. */
function countRequests({ world }: Scene): () => Kinds {
  const seen = new Map<string, number>();
  const note = (method: string, path: string): void => {
    const kind = kindOf(method, path);
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  };
  world.crm.log.on(({ method, path, inBatch }) => {
    if (inBatch === undefined) note(method, path);
  });
  world.graph.log.on(({ method, path, inBatch }) => {
    if (path.startsWith('/v1.0') && inBatch === undefined) note(method, path);
  });
  return () => Object.fromEntries(seen);
}

const since = (before: Kinds, now: Kinds): Kinds =>
  Object.fromEntries(
    Object.entries(now).flatMap(([kind, count]) => {
      const more = count - (before[kind] ?? 0);
      return more === 0 ? [] : [[kind, more]];
    }),
  );

const sum = (kinds: Kinds): number => Object.values(kinds).reduce((total, count) => total + count, 0);

const changed = (before: ReturnType<typeof eventWrites>, after: ReturnType<typeof eventWrites>): number =>
  after.mailbox - before.mailbox + after.crm - before.crm;

async function runVendor(settings: Settings, vendor: Vendor) {
  const count = settings.counted;
  settings.log(`first sync of ${count} events, ${TITLES[vendor]}`);
  await using scene = await openScene(vendor, {
    contacts: { sync: false },
    events: { window: { pastDays: 21, futureDays: 365 } },
    stage: { judged: false, sync: { maxLinksPerPass: 2 * count } },
    config: { sync: { recoveryHoldSeconds: 0, maxLinksPerPass: 2 * count } },
  });
  const { world } = scene;
  stock(scene, count);
  world.later(60);
  const requests = countRequests(scene);
  const before = requests();
  const { cpu } = await measure(() => world.sync());
  const first = since(before, requests());
  if (shown(scene).length !== count) throw new Error(`the CRM holds ${shown(scene).length} events`);
  for (let pass = 0; pass < 4; pass += 1) {
    world.later(OVERLAP_MINUTES);
    await world.sync();
  }
  world.later(OVERLAP_MINUTES);
  const rested = requests();
  await world.round();
  const idle = since(rested, requests());
  settings.log(`a moved window, ${TITLES[vendor]}`);
  const [written, asked] = [eventWrites(scene), requests()];
  world.later(WEEK_MINUTES);
  await world.sync();
  const moved = { requests: since(asked, requests()), writes: changed(written, eventWrites(scene)) };
  await settle(scene, 2);
  const after = changed(written, eventWrites(scene));
  if (shown(scene).length !== count)
    throw new Error(`the CRM holds ${shown(scene).length} events afterwards`);
  const held = calendarOf(scene).length;
  return { first, idle, moved, after, cpu, held, mails: world.graph.oracle.mails({ by: 'app' }).length };
}

type Measured = Awaited<ReturnType<typeof runVendor>>;

function figuresOf(vendor: Vendor, count: number, of: Measured): Figure[] {
  const name = `${TITLES[vendor]}, ${count.toLocaleString('en')} events`;
  return [
    { name, value: sum(of.first) / count, unit: 'requests/item', bound: 0.1 },
    { name: '  idle pass', value: sum(of.idle), unit: 'requests', bound: IDLE[vendor] },
    { name: '  moved window: writes', value: of.moved.writes + of.after, unit: 'writes', bound: 0 },
    { name: '  moved window', value: sum(of.moved.requests) / count, unit: 'requests/item', bound: null },
    { name: '  e-mails', value: of.mails, unit: 'e-mails', bound: 0 },
    { name: '  CPU, emulators included', value: of.cpu, unit: 'ms', bound: null },
  ];
}

/** Calendars in one process, on a clock that waits for nobody: a fifth of the events are dates of series with exceptions. */
export async function benchEvents(settings: Settings): Promise<Section> {
  const figures: Figure[] = [];
  const details: Record<string, unknown> = {};
  for (const vendor of ['salesforce', 'hubspot'] as const) {
    const measured = await runVendor(settings, vendor);
    figures.push(...figuresOf(vendor, settings.counted, measured));
    details[vendor] = measured;
  }
  return {
    name: 'events',
    title: 'First syncs, idle passes and moved windows of calendars',
    figures,
    details,
  };
}
