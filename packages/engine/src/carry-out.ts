import { type FieldValue, type HeldDeletes, type Link, type Side, standing } from '@tidelock/core';
import { type Approval, approvedLinks, rowsOfLink } from './approval.ts';
import { type Core, mono, now, state, stopped } from './effect.ts';
import { execute } from './execute.ts';
import { keepLease, type Pass } from './lane.ts';
import type { PlanAction } from './link-plan.ts';
import type { PlanItem } from './plan-item.ts';
import type { Done } from './sending.ts';
import { planLinks } from './work.ts';
import { brakeOn, emptyTally, noteEvent, type Tally } from './work-brake.ts';

const LOOK_CHUNK = 500;

interface Known {
  readonly native: Readonly<Record<Side, ReadonlyMap<string, Link>>>;
  readonly byId: ReadonlyMap<string, Link>;
  readonly asked: ReadonlySet<string>;
  readonly busy: ReadonlySet<string>;
}

function* knownOf(pass: Pass, rows: readonly PlanItem[], busy: ReadonlySet<string>): Core<Known> {
  const laneId = pass.lane.spec.id;
  const native = { a: new Map<string, Link>(), b: new Map<string, Link>() };
  for (const side of ['a', 'b'] as const) {
    const ids = [...new Set(rows.flatMap((row) => row[side].map((ref) => ref.id)))];
    if (ids.length === 0) continue;
    for (const link of yield* state('links', laneId, { by: 'native', side, ids }))
      if (link.status !== 'tomb') native[side].set(link[side]?.id ?? '', link);
  }
  const ids = [...new Set(rows.flatMap((row) => row.linkId ?? []))];
  const links = ids.length === 0 ? [] : yield* state('links', laneId, { by: 'id', ids });
  const questions = rows.flatMap((row) => row.question?.id ?? []);
  const reviews = questions.length === 0 ? [] : yield* state('reviews', laneId, { ids: questions });
  return {
    native,
    byId: new Map(links.map((link) => [link.id, link])),
    asked: new Set(reviews.map((review) => review.id)),
    busy,
  };
}

function linkOf(known: Known, row: PlanItem): Link | undefined {
  const [a] = row.a;
  const [b] = row.b;
  const found = (a && known.native.a.get(a.id)) ?? (b && known.native.b.get(b.id));
  return found ?? known.byId.get(row.linkId ?? '');
}

/** Does the side show what the row wants it to show? */
function shows(pass: Pass, row: PlanItem, link: Link): boolean {
  const shown = (row.side === 'a' ? link.shownA : link.shownB) ?? {};
  return row.changes.every(({ field, to, new: wanted }) => {
    const rule = pass.lane.mapping.byName.get(field);
    const value: FieldValue = rule?.project(to, wanted) ?? wanted;
    return rule?.equal(value, shown[field] ?? null) === true;
  });
}

const isGone = (link: Link, side: Side): boolean => (side === 'a' ? link.goneA : link.goneB);

/** Another lane was to make the record: the plan could not say under which id. */
const isAwaited = ({ action, b }: PlanItem): boolean => action === 'link' && b.length === 0;

function isLinked({ a, b }: PlanItem, link: Link): boolean {
  if (link.a?.id !== a[0]?.id || link.status === 'tomb') return false;
  return b.length === 0 ? link.b !== null : link.b?.id === b[0]?.id;
}

/** Is there nothing left to do of this row? Judged by what is, not by who did it. */
function isSettled(pass: Pass, row: PlanItem, known: Known): boolean {
  const link = linkOf(known, row);
  if (row.action === 'review') return known.asked.has(row.question?.id ?? '');
  if (row.action === 'delete') return (known.byId.get(row.linkId ?? '')?.status ?? 'tomb') === 'tomb';
  if (link === undefined) return false;
  if (row.action === 'unlink') return link.status === 'detached';
  if (row.action === 'freeze') return link.status === 'out';
  if (row.action === 'link') return isLinked(row, link);
  if (link.status !== 'live' || row.side === null) return false;
  if (row.action === 'update') return !isGone(link, row.side) && shows(pass, row, link);
  const made = link[row.side];
  return made !== null && !isGone(link, row.side) && made.id !== row[row.side][0]?.id;
}

/** What stands in the way of the row now. */
function noteLink(approval: Approval, row: PlanItem, known: Known): void {
  const link = linkOf(known, row);
  if (link?.quarantine) approval.parked.add(row);
  if (link !== undefined && known.busy.has(link.id)) approval.open.add(row);
}

/** Looks up, without a request to either side, what is left of the plan. */
export function* takeStock(pass: Pass, approval: Approval): Core<void> {
  const open = yield* state('openIntentsOf', pass.lane.spec.id);
  const busy = new Set(open.map((intent) => intent.linkId));
  const settled = new Set<PlanItem>();
  approval.parked.clear();
  approval.open.clear();
  for (let start = 0; start < approval.rows.length; start += LOOK_CHUNK) {
    const rows = approval.rows.slice(start, start + LOOK_CHUNK);
    const known = yield* knownOf(pass, rows, busy);
    for (const row of rows) {
      if (isSettled(pass, row, known)) settled.add(row);
      else if (isAwaited(row)) approval.open.add(row);
      noteLink(approval, row, known);
    }
  }
  approval.settled = settled;
  approval.already ??= settled;
}

function tallyOf(approval: Approval): Tally {
  const tally = emptyTally();
  for (const row of approval.rows) {
    const { linkId, side } = row;
    if (linkId === null || side === null || approval.settled.has(row)) continue;
    noteEvent(tally, linkId, [row.a[0]?.id, row.b[0]?.id]);
    if (row.action === 'delete') tally.deletes[side].push(linkId);
    if (row.action !== 'update') continue;
    for (const change of row.changes)
      if (change.new === null) tally.blankings.push({ linkId, side, field: change.field });
  }
  return tally;
}

/** The brake over the plan as a whole, and what the plan itself says is held. Returns the links that must wait. */
function* stoppedBy(pass: Pass, approval: Approval): Core<{ ids: Set<string>; held: HeldDeletes | null }> {
  const [lane] = yield* state('lanes', [pass.lane.spec.id]);
  const hashes = standing(lane?.approved ?? [], yield* now()).map(({ hash }) => hash);
  const approved = new Set(hashes.flatMap((hash) => [...approvedLinks(approval.rows, hash)]));
  const result = yield* brakeOn(pass, tallyOf(approval), approved);
  const ids = new Set(result.stopped);
  for (const { held, linkId } of approval.rows)
    if (held !== null && linkId !== null && !approved.has(linkId)) ids.add(linkId);
  approval.held = new Set(approval.rows.filter((row) => ids.has(row.linkId ?? '')));
  return { ids, held: result.held };
}

const QUIET: ReadonlySet<PlanAction> = new Set(['none', 'tomb', 'wait']);

/**
 * Carries out an approved plan and nothing else: what is not in it is looked at, counted and left. Each row is checked
 * once more right before it is sent (`permits`). Ends early when asked to stop; the rest of the plan stays valid.
 */
export function* carryOut(
  pass: Pass,
  approval: Approval,
): Core<{ done: readonly Done[]; held: HeldDeletes | null }> {
  const { ids, held } = yield* stoppedBy(pass, approval);
  const { maxLinks } = pass.lane.policy;
  const wall = yield* now();
  const done: Done[] = [];
  let after = '';
  for (;;) {
    if (yield* stopped()) {
      pass.more = true;
      break;
    }
    const query = { by: 'work', now: wall, after, limit: maxLinks } as const;
    const links = yield* state('links', pass.lane.spec.id, query);
    if (links.length === 0) break;
    yield* keepLease(pass, yield* now());
    const { ready } = yield* planLinks(pass, links, yield* mono());
    const concerned = ready.filter((work) => {
      if (QUIET.has(work.plan.action) || rowsOfLink(approval, work.plan.link).length > 0) return true;
      approval.beyond.add(work.plan.link.id);
      return false;
    });
    done.push(...(yield* execute(pass, concerned, ids)));
    const last = links.at(-1);
    if (last === undefined || links.length < maxLinks) break;
    after = last.id;
  }
  return { done, held };
}
