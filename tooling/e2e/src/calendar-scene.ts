import type { LaneRow, Link, Review } from '@tidelock/core';
import type { CrmVendor } from '@tidelock/emulators';
import type { ConfigInput } from '@tidelock/host';
import type { Scene } from './crm-events.ts';
import type { StageOptions } from './stage.ts';
import { createWorld } from './world.ts';

/** Every scenario of calendars is played with each. */
export const VENDORS: readonly CrmVendor[] = ['salesforce', 'hubspot'];

export type EventRulesInput = NonNullable<NonNullable<ConfigInput['profiles']>[string]['events']>;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const FROM = Date.parse('2026-11-23T00:00:00Z');
/** Inside the window of every test. */
export const HORIZON = { start: FROM, end: FROM + 340 * DAY_MS };

export interface SceneOptions {
  /** Local parts of the mailboxes. Default: ann. */
  readonly mailboxes?: readonly string[];
  readonly events?: EventRulesInput;
  readonly contacts?: NonNullable<ConfigInput['profiles']>[string]['contacts'];
  /** More of the configuration. */
  readonly config?: Partial<ConfigInput>;
  readonly stage?: Partial<StageOptions>;
}

/** Another configuration, read by another process. Only `mailboxes` take part. */
export async function configureScene({ world }: Pick<Scene, 'world'>, of: SceneOptions): Promise<void> {
  const mailboxes = of.mailboxes ?? Object.keys(world.stage.people);
  world.stage.writeConfig({
    ...world.stage.config,
    mailboxes: mailboxes.map((name) => ({ address: world.person(name).address, profile: 'sales' })),
    profiles: { sales: { contacts: of.contacts ?? { records: 'all' }, events: of.events ?? {} } },
    ...of.config,
  });
  await world.restart();
}

/** The product with calendars of these people, and a CRM. */
export async function openScene(vendor: CrmVendor, of: SceneOptions = {}): Promise<Scene & AsyncDisposable> {
  const mailboxes = of.mailboxes ?? ['ann'];
  const world = await createWorld({ vendor, mailboxes, stateFile: 'state.db', ...of.stage });
  await configureScene({ world }, of);
  return { world, vendor, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

export const ann = ({ world }: Scene): string => world.person('ann').mailboxId;

/** At the wall clock of Berlin. */
export const at = (dateTime: string) => ({ dateTime, timeZone: 'W. Europe Standard Time' });

export interface Meeting {
  readonly subject: string;
  /** `2027-01-12`; it lasts from nine to ten in Berlin. */
  readonly day: string;
  /** Whose calendar; default: ann's. */
  readonly by?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Somebody makes an event in Outlook. */
export function meet(scene: Scene, of: Meeting) {
  const { subject, day, more, by = 'ann' } = of;
  const [start, end] = [at(`${day}T09:00:00`), at(`${day}T10:00:00`)];
  const { mailboxId } = scene.world.person(by);
  return scene.world.graph.admin.createEvent(mailboxId, { subject, start, end, ...more });
}

/** These addresses as attendees. */
export const invited = (...addresses: readonly string[]) =>
  addresses.map((address) => ({ type: 'required', emailAddress: { address, name: address } }));

/** Every Tuesday at nine from March on, over both changes of the clocks. */
export const TUESDAYS = {
  recurrence: {
    pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'], firstDayOfWeek: 'monday' },
    range: { type: 'noEnd', startDate: '2027-03-02', recurrenceTimeZone: 'W. Europe Standard Time' },
  },
};

/** So many of them. */
export const tuesdays = (count: number) => ({
  recurrence: {
    pattern: TUESDAYS.recurrence.pattern,
    range: { ...TUESDAYS.recurrence.range, type: 'numbered', numberOfOccurrences: count },
  },
});

/** What Outlook shows, of series each date. */
export const instances = (scene: Scene) => scene.world.graph.oracle.instances(ann(scene), HORIZON);

export const instanceStarts = (scene: Scene): readonly string[] =>
  instances(scene)
    .map(({ start }) => new Date(start).toISOString())
    .sort();

export const inHorizon = (starts: readonly string[]): readonly string[] =>
  starts.filter((start) => Date.parse(start) < HORIZON.end);

/** E-mails that the product made Exchange send. */
export const mails = ({ world }: Scene) => world.graph.oracle.mails({ by: 'app' });

/** Single events and series of somebody's calendars. */
export const calendarOf = ({ world }: Scene, name = 'ann') =>
  world.graph.oracle.events(world.person(name).mailboxId);

/** Their subjects, in order. */
export const calendarSubjects = (scene: Scene, name?: string): readonly string[] =>
  calendarOf(scene, name)
    .map(({ subject }) => subject)
    .sort();

export const CUSTOMERS = ['one@customer.example', 'two@customer.example', 'three@customer.example'] as const;

/** So many syncs, ten minutes apart. */
export async function settle({ world }: Scene, times = 2): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    world.later();
    await world.sync();
  }
}

/** Everything that was written by the product, and what stands on both sides. */
function everything({ world }: Scene): string {
  const { oracle } = world.graph;
  const mailboxes = Object.values(world.stage.people).map(({ mailboxId }) => oracle.events(mailboxId));
  const writes = [oracle.writes().length, world.crm.writes().length, world.crm.eventWrites().length];
  return JSON.stringify([writes, mailboxes, world.crm.events(), oracle.mails()]);
}

/** Two syncs without a user change in between must write nothing and change nothing. */
export async function isCalm(scene: Scene): Promise<boolean> {
  scene.world.later();
  const before = everything(scene);
  await settle(scene);
  return everything(scene) === before;
}

/** Writes of the product to events so far. */
export const eventWrites = ({ world }: Scene) => ({
  mailbox: world.graph.oracle.writes().length,
  crm: world.crm.eventWrites().length,
});

/** The calendar of a mailbox as the state knows it. */
export async function calendarLane({ world }: Scene, name = 'ann'): Promise<LaneRow> {
  const { mailboxId } = world.person(name);
  const lane = (await world.platform().state.sync.lanes()).find(
    ({ storeA }) => storeA === `calendar:${mailboxId}`,
  );
  if (lane === undefined) throw new Error('this calendar takes no part');
  return lane;
}

export async function eventLinks(scene: Scene, name?: string): Promise<readonly Link[]> {
  const { id } = await calendarLane(scene, name);
  return scene.world.platform().state.sync.links(id, { by: 'page', after: '', limit: 100_000 });
}

export async function eventReviews(scene: Scene, name?: string): Promise<readonly Review[]> {
  const { id } = await calendarLane(scene, name);
  return scene.world.platform().state.sync.reviews(id, { open: true });
}

/** What `why` says of the items that a question finds. */
export async function why({ world }: Scene, query: string): Promise<string> {
  const { items } = await world.platform().explain({ query, limit: 10 });
  return items.flatMap((item) => item.sentences.map(({ text }) => text)).join(' ');
}
