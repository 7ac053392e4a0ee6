import type { FeedRow, HeldDeletes, Link, Side } from '@tidelock/core';
import { adoptUnknown } from './adopt.ts';
import { type Core, mono, now, state, stopped } from './effect.ts';
import { emptyCounts, keepLease, type Pass } from './lane.ts';
import { isAsked, lookUpFirst } from './look-up.ts';
import type { PlanItem } from './plan-item.ts';
import { notePlanned } from './plan-once.ts';
import { strangersOf, withStrangers } from './plan-people.ts';
import { frozenRows, questionRows, rowsOf } from './plan-row.ts';
import { waitForScope, waitRule } from './scope-wait.ts';
import { createSketch, type Sketch } from './sketch.ts';
import { completePlans, planLinks } from './work.ts';
import { brakeOn, countInto, emptyTally, type Tally } from './work-brake.ts';

export interface Preview {
  readonly plan: readonly PlanItem[];
  readonly held: HeldDeletes | null;
  /** Links that could not be planned: their record cannot be read now, or a write of theirs is not settled yet. */
  readonly waiting: number;
}

interface Drawn {
  readonly rows: PlanItem[];
  readonly tally: Tally;
  waiting: number;
  /** A look-up met people that the matching has not seen yet. */
  found: boolean;
}

const isDue = ({ quarantine }: Link, wall: number): boolean =>
  quarantine === null || (quarantine.nextAt !== null && quarantine.nextAt <= wall);

/** Word for word what the state calls work, for links that only a sketch holds. */
function isWork(link: Link): boolean {
  const { dirtyA, cleanA, dirtyB, cleanB, status, goneA, goneB } = link;
  return dirtyA > cleanA || dirtyB > cleanB || status === 'half' || ((goneA || goneB) && status !== 'tomb');
}

/** Plans a batch and keeps the rows, not the contents: a large lane is planned within bounded memory. */
function* drawBatch(pass: Pass, drawn: Drawn, links: readonly Link[]): Core<void> {
  if (links.length === 0) return;
  yield* keepLease(pass, yield* now());
  const at = yield* mono();
  const { ready } = yield* planLinks(pass, links, at);
  // The brake counts what it counts in a pass: plans whose last reads are still to come.
  const waits = yield* waitForScope(pass, ready);
  countInto(
    drawn.tally,
    ready.filter((work) => !waits.has(work)),
  );
  yield* completePlans(pass, ready, at);
  const read = ready.filter((work) => !work.unread && !isAsked(pass, work));
  for (const work of yield* waitForScope(pass, read)) work.plan = { ...work.plan, rule: waitRule(work) };
  const free = yield* lookUpFirst(pass, read);
  drawn.found ||= free.length < read.length;
  drawn.waiting += links.length - read.length;
  const strangers = yield* strangersOf(pass, read);
  for (const work of read) {
    const rows = withStrangers(rowsOf(pass, work), strangers.get(work));
    notePlanned(pass, work, rows);
    drawn.rows.push(...rows);
  }
}

function* drawLinks(pass: Pass, sketch: Sketch, drawn: Drawn): Core<void> {
  const { maxLinks } = pass.lane.policy;
  const wall = yield* now();
  let after = '';
  for (;;) {
    if (yield* stopped()) return;
    const query = { by: 'work', now: wall, after, limit: maxLinks } as const;
    const links = yield* state('links', pass.lane.spec.id, query);
    yield* drawBatch(
      pass,
      drawn,
      links.filter((link) => !sketch.links.has(link.id)),
    );
    const last = links.at(-1);
    if (last === undefined || links.length < maxLinks) break;
    after = last.id;
  }
  const own = [...sketch.links.values()].filter((link) => isWork(link) && isDue(link, wall));
  for (let start = 0; start < own.length && !(yield* stopped()); start += maxLinks)
    yield* drawBatch(pass, drawn, own.slice(start, start + maxLinks));
}

function* draw(pass: Pass, sketch: Sketch, feeds: Readonly<Record<Side, readonly FeedRow[]>>): Core<Drawn> {
  const drawn: Drawn = { rows: [], tally: emptyTally(), waiting: 0, found: false };
  pass.sketch = sketch;
  pass.counts.linked = emptyCounts().linked;
  pass.counts.reviews = emptyCounts().reviews;
  yield* adoptUnknown(pass, feeds);
  yield* drawLinks(pass, sketch, drawn);
  const resting = [...sketch.links.values()].filter((link) => !isWork(link));
  drawn.rows.push(...frozenRows(resting), ...(yield* questionRows(pass)));
  return drawn;
}

/**
 * Everything that passes from here on would do, drawn into a sketch: pairs, writes, questions. Nothing of it is stored
 * and nothing is sent; only what the brake would hold is noted, so that it can be approved.
 */
export function* preview(pass: Pass, feeds: Readonly<Record<Side, readonly FeedRow[]>>): Core<Preview> {
  const verified = pass.sketch ?? createSketch();
  let drawn = yield* draw(pass, verified.copy(), feeds);
  if (drawn.found) drawn = yield* draw(pass, verified.copy(), feeds);
  const { held, waiting } = yield* brakeOn(pass, drawn.tally);
  const hashes = new Map(waiting.flatMap(({ hash, linkIds }) => linkIds.map((id) => [id, hash] as const)));
  const plan = drawn.rows.map((row) => {
    const hash = hashes.get(row.linkId ?? '') ?? null;
    return hash === null || row.action === 'link' || row.action === 'review' ? row : { ...row, held: hash };
  });
  return { plan, held, waiting: drawn.waiting };
}
