import { setTimeout as wait } from 'node:timers/promises';
import type { HistoryRow } from '@tidelock/core';
import type { Platform } from '@tidelock/host';
import type { Cli } from '../cli.ts';
import type { ProgressLine } from '../progress.ts';
import { printable, table } from '../table.ts';
import { plural } from '../words.ts';
import { compareCalendars, peculiarities } from './calendar-checks.ts';
import { type Check, compare, writesSoFar } from './checks.ts';
import type { Imported } from './contacts-file.ts';
import { type Happening, happeningsOf } from './happenings.ts';
import type { Ledger, Synced, Tallies } from './ledger.ts';
import {
  type Narration,
  tellChecks,
  tellEdits,
  tellExamples,
  tellHappenings,
  tellSync,
  tellTally,
} from './narration.ts';
import type { Population } from './population.ts';
import type { Services } from './services.ts';
import { type Edit, playStory, type Story } from './story.ts';
import { tallyOfPlan } from './tally.ts';

/** Everything that the acts of the demo share. */
export interface Stage {
  readonly cli: Cli;
  readonly say: Narration;
  readonly progress: ProgressLine;
  readonly platform: Platform;
  readonly services: Services;
  readonly population: Population;
  readonly imported: Imported;
  readonly ledger: Ledger;
}

const EXAMPLES = 7;
const HISTORY = 10_000;
const MARGIN_MS = 250;

export interface PlanTold {
  readonly tally: Tallies;
  readonly emails: number;
}

export async function actPlan({ say, progress, platform, ledger }: Stage): Promise<PlanTold> {
  say.step('The plan', 'reads both sides, writes to neither');
  const reports = await (await platform.engine()).plan();
  progress.clear();
  const { contacts, events } = ledger.split(reports);
  const tally = { contacts: tallyOfPlan(contacts), events: tallyOfPlan(events) };
  const { linked, reviews } = tally.contacts;
  say.line(
    `${plural(linked, 'pair')} found on both sides, ${plural(reviews, 'doubtful pair')} left to a person. It would`,
  );
  tellTally(say, tally, 'planned');
  const emails = events.flatMap(({ plan }) => plan).reduce((sum, item) => sum + item.emails, 0);
  say.line(`${plural(emails, 'e-mail')} would leave: a first sync never makes Exchange send any`);
  const plan = contacts.flatMap((report) => report.plan);
  tellExamples(say, plan, EXAMPLES);
  return { tally, emails };
}

/** Pairs whose CRM record belongs to another mailbox's owner: found, so that nobody is created twice, and left alone. */
async function leftAlone({ platform, ledger }: Stage): Promise<number> {
  const lanes = (await platform.status()).filter(({ laneId }) => ledger.isContacts(laneId));
  return lanes.reduce((sum, lane) => sum + lane.counts.out, 0);
}

export async function actFirstSync(stage: Stage): Promise<Synced> {
  const { say, progress, ledger, services } = stage;
  say.step('The first sync');
  const synced = await ledger.sync();
  progress.clear();
  tellTally(say, synced.tally, 'done');
  const left = await leftAlone(stage);
  const other = left === 0 ? '' : `; ${left} of them found under another owner: not created, and left alone`;
  say.line(`${plural(synced.tally.contacts.linked, 'pair')} linked${other}`);
  const own = peculiarities(services);
  say.line(
    `${plural(own.dates, 'date')} of a series went over one by one; ${plural(own.private, 'private event')} stayed in the mailbox`,
  );
  tellSync(say, synced.tally, synced);
  return synced;
}

export async function actIdle({ say, progress, ledger, services }: Stage): Promise<number> {
  say.step('The same again', 'a second pass has nothing to do');
  const before = writesSoFar(services);
  const synced = await ledger.sync();
  progress.clear();
  const written = writesSoFar(services) - before;
  if (written === 0) say.good(`0 writes, counted at the services, in ${(synced.ms / 1000).toFixed(1)} s`);
  else say.warn(`${plural(written, 'write')} although nothing had changed`);
  return written;
}

export interface StoryTold {
  readonly story: Story;
  readonly edits: readonly Edit[];
  readonly happenings: readonly Happening[];
}

async function rowsSince(platform: Platform, runs: ReadonlySet<string>): Promise<HistoryRow[]> {
  const lanes = await platform.lanes();
  const rows = await Promise.all(
    lanes.map((lane) => platform.state.sync.history(lane.id, { limit: HISTORY })),
  );
  return rows.flat().filter((row) => !runs.has(row.runId));
}

/** Who lost what to whom, from the history that `tidelock` keeps. */
function conflictsOf(rows: readonly HistoryRow[], synced: Synced): Happening[] {
  const titles = new Map(
    synced.reports.flatMap((report) => report.done.map((done) => [done.linkId, done.title])),
  );
  return rows
    .filter((row) => row.op === 'conflict')
    .map((row) => ({
      who: titles.get(row.linkId) ?? '',
      side: row.side,
      op: 'conflict',
      field: row.field,
      old: row.old,
      new: row.new,
      rule: row.rule,
    }));
}

/** Some CRMs show what people wrote only after a while. */
export async function untilSeen({ cli, say, services }: Stage): Promise<void> {
  const { title, traits } = services.crm;
  if (traits.lagMs === 0) return;
  say.line(`${title} shows edits to integrations after ${traits.lagMs / 1000} seconds: waiting`);
  await wait(traits.lagMs + MARGIN_MS, undefined, { signal: cli.signal });
}

export async function actStory(stage: Stage): Promise<StoryTold> {
  const { say, progress, platform, services, population, ledger } = stage;
  say.step('People edit on both sides');
  const known = new Set((await rowsSince(platform, new Set())).map((row) => row.runId));
  const story = playStory(services, population);
  tellEdits(say, story.edits);
  await untilSeen(stage);
  say.step('Sync again', 'what happened, and why');
  const synced = await ledger.sync();
  progress.clear();
  const done = ledger.split(synced.reports).contacts.flatMap((report) => report.done);
  const conflicts = conflictsOf(await rowsSince(platform, known), synced);
  const contested = (one: Happening): boolean =>
    conflicts.some((other) => other.who === one.who && other.field === one.field);
  const order = (one: Happening): number => story.edits.findIndex((edit) => edit.who === one.who);
  const happenings = [...happeningsOf(done).filter((one) => !contested(one)), ...conflicts].sort(
    (x, y) => order(x) - order(y),
  );
  tellHappenings(say, happenings);
  tellSync(say, synced.tally, synced);
  return { story, edits: story.edits, happenings };
}

export interface ChecksTold {
  readonly checks: readonly Check[];
  readonly reviews: readonly { readonly reasons: readonly string[] }[];
}

/** Live pairs of contacts and of events, as the state store has them. */
async function pairsNow({ platform, ledger }: Stage): Promise<Readonly<Record<keyof Tallies, number>>> {
  const pairs = { contacts: 0, events: 0 };
  for (const { laneId, counts } of await platform.status())
    pairs[ledger.isContacts(laneId) ? 'contacts' : 'events'] += counts.live;
  return pairs;
}

export async function actChecks(
  stage: Stage,
  of: { readonly story: Story; readonly withheld: number },
): Promise<ChecksTold> {
  const { cli, say, platform, services, population, imported, ledger } = stage;
  const lanes = await platform.lanes();
  const open = await Promise.all(lanes.map((lane) => platform.state.sync.reviews(lane.id, { open: true })));
  const reviews = open.flat().filter((review) => review.kind === 'match');
  say.step('Left to a person', 'never created twice, never merged by guessing');
  for (const line of table(
    [{ title: 'sure' }, { title: 'why it is doubtful' }],
    reviews.map((review) => [`${review.score ?? 0} %`, printable(review.reasons.join(', '))]),
    cli.style().dim,
  ).split('\n')) {
    say.line(line);
  }
  say.step('Is all that true?', 'the same numbers, counted at the services');
  const pairs = await pairsNow(stage);
  const total = ledger.total();
  const contacts = compare(services, population, {
    tally: total.contacts,
    grown: ledger.grown(),
    people: of.story.people,
    imported: imported.contacts.length,
    pairs: pairs.contacts,
    left: await leftAlone(stage),
    questions: reviews.length,
  });
  const calendars = compareCalendars(services, {
    tally: total.events,
    pairs: pairs.events,
    notified: ledger.notified(),
    withheld: of.withheld,
  });
  const checks = [...contacts, ...calendars];
  tellChecks(say, checks, cli);
  return { checks, reviews: reviews.map(({ reasons }) => ({ reasons })) };
}
