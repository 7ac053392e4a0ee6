import type { FeedRow, FieldValue, Link, Review, Side } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { CompiledMapping, MappedField } from './lens.ts';
import type { LinkPlan } from './link-plan.ts';
import { alike } from './merge-draft.ts';
import { idOf } from './stamp.ts';
import { lookedAtAnew } from './unpark.ts';
import type { Work } from './work.ts';

/** A field whose two bases differ although neither side was seen to change: nothing would ever carry it over. */
export interface Divergence {
  readonly field: string;
  /** `fill`: one side is blank. `ask`: both have a value, and nobody can tell which one is meant. */
  readonly kind: 'fill' | 'ask';
}

/** Fields in which the two sides may differ for good: one direction, blanks that erase nothing, values that do not fit. */
function mayDiffer(field: MappedField, a: FieldValue, b: FieldValue): boolean {
  if (field.flows.a !== 'always' || field.flows.b !== 'always') return true;
  if (field.spec.a.resolved === true || field.spec.b.resolved === true) return true;
  if (field.spec.a.personal === true || field.spec.b.personal === true) return true;
  if (field.keepOnBlank && (a === null || b === null)) return true;
  return field.project('b', a) === undefined || field.project('a', b) === undefined;
}

/** Where a pair that counts as in step is not. Pure. Held fields, and pairs that are to be looked at anyway, are not named. */
export function divergences(mapping: CompiledMapping, link: Link): Divergence[] {
  const dirty = link.dirtyA > link.cleanA || link.dirtyB > link.cleanB;
  return dirty ? [] : apart(mapping, link);
}

function apart(mapping: CompiledMapping, link: Link): Divergence[] {
  const { shownA, shownB } = link;
  if (link.status !== 'live' || link.goneA || link.goneB || !shownA || !shownB) return [];
  return mapping.fields.flatMap((field): Divergence[] => {
    const [a, b] = [shownA[field.name], shownB[field.name]];
    if (a === undefined || b === undefined || link.holds.includes(field.name)) return [];
    if (alike(field, a, b) || mayDiffer(field, a, b)) return [];
    return [{ field: field.name, kind: a === null || b === null ? 'fill' : 'ask' }];
  });
}

export const without = (shown: Link['shownA'], fields: ReadonlySet<string>): Link['shownA'] =>
  shown && Object.fromEntries(Object.entries(shown).filter(([name]) => !fields.has(name)));

/** Fields in which this side has a value that the blank on the other one is to be filled with. */
const fillsFrom = (found: readonly Divergence[], shown: Link['shownA']): ReadonlySet<string> =>
  new Set(found.flatMap(({ kind, field }) => (kind === 'fill' && shown?.[field] != null ? field : [])));

/**
 * Blanks are filled as at first contact; for the rest both values stay until a person has decided. The side that is blank keeps
 * its base: without it, it would look edited, and outlive the deletion of the other one (7.1).
 */
function mended(link: Link, found: readonly Divergence[]): Link {
  const { shownA, shownB } = link;
  const asks = found.filter(({ kind }) => kind === 'ask').map(({ field }) => field);
  return {
    ...link,
    shownA: without(shownA, fillsFrom(found, shownA)),
    shownB: without(shownB, fillsFrom(found, shownB)),
    holds: [...new Set([...link.holds, ...asks])],
  };
}

function questions(pass: Pass, link: Link, of: { found: readonly Divergence[]; wall: number }): Review[] {
  return of.found
    .filter(({ kind }) => kind === 'ask')
    .map(({ field }) => ({
      id: idOf('diverged', pass.lane.spec.id, link.id, field, String(of.wall)),
      laneId: pass.lane.spec.id,
      kind: 'conflict',
      linkId: link.id,
      aIds: link.a === null ? [] : [link.a.id],
      bIds: link.b === null ? [] : [link.b.id],
      score: null,
      reasons: [
        `"${field}" differs between the two sides although neither was seen to change; an audit found it. Neither side is written.`,
      ],
      decision: null,
      decidedAt: null,
      at: of.wall,
    }));
}

/** Pairs and fields of which a person said that both values stay. */
function* keptApart(pass: Pass): Core<Set<string>> {
  const decided = yield* state('reviews', pass.lane.spec.id, { open: false });
  return new Set(
    decided
      .filter(({ kind, decision }) => kind === 'conflict' && decision === 'keep')
      .map((review) => `${review.linkId} ${/^"([^"]+)"/.exec(review.reasons[0] ?? '')?.[1] ?? ''}`),
  );
}

const PAGE = 500;
const BOTH: readonly Side[] = ['a', 'b'];
const NONE: ReadonlySet<string> = new Set();

interface Apart {
  readonly link: Link;
  readonly found: readonly Divergence[];
}

/** Answers the ids of the pairs that are to be looked at again. */
function* mendApart(pass: Pass, all: readonly Apart[]): Core<ReadonlySet<string>> {
  const found = all.filter((one) => one.found.length > 0);
  if (found.length === 0) return NONE;
  const kept = yield* keptApart(pass);
  const open = found
    .map(({ link, found: all }) => ({
      link,
      found: all.filter(({ field }) => !kept.has(`${link.id} ${field}`)),
    }))
    .filter((one) => one.found.length > 0);
  if (open.length === 0) return NONE;
  pass.more = true;
  const wall = yield* now();
  const reviews = open.flatMap(({ link, found: all }) => questions(pass, link, { found: all, wall }));
  pass.counts.reviews += reviews.length;
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    links: open.map(({ link, found: all }) => ({ link: lookedAtAnew(mended(link, all), wall), mark: BOTH })),
    reviews,
  });
  return new Set(open.map(({ link }) => link.id));
}

/** An enumeration ended since this lane's last pass, and it was not the first one. */
export function isAudited(feeds: readonly FeedRow[], lastOkAt: number | null): boolean {
  if (feeds.some((feed) => feed.scanning)) return false;
  return feeds.some(({ gen, scannedAt }) => gen > 1 && scannedAt !== null && scannedAt >= (lastOkAt ?? 0));
}

/**
 * The local half of an audit: compares what the two sides of every pair were last seen to show. Two sides that differ
 * while both count as unchanged stay apart for ever, because no feed will report either. Comes last in a pass, when what was reported has been looked at.
 */
export function* compareBases(
  pass: Pass,
  of: { readonly feeds: Readonly<Record<Side, readonly FeedRow[]>>; readonly lastOkAt: number | null },
): Core<void> {
  if (!isAudited([...of.feeds.a, ...of.feeds.b], of.lastOkAt)) return;
  let [after, diverged] = ['', 0];
  for (;;) {
    const links = yield* state('links', pass.lane.spec.id, { by: 'page', after, limit: PAGE });
    const pairs = links.map((link) => ({ link, found: divergences(pass.lane.mapping, link) }));
    diverged += (yield* mendApart(pass, pairs)).size;
    const last = links.at(-1);
    if (last === undefined || links.length < PAGE) break;
    after = last.id;
  }
  if (diverged > 0) yield* log('warn', 'audit.diverged', { lane: pass.lane.spec.id, pairs: diverged });
}

/** What was apart before and will stay so: the plan neither writes these fields nor accepts what they show. */
function leftApart(mapping: CompiledMapping, { action, reads, link, next, writes }: LinkPlan): Divergence[] {
  if (reads.length > 0 || (action !== 'none' && action !== 'update')) return [];
  const after = apart(mapping, next).filter(({ field }) => !writes.some(({ sent }) => field in sent));
  if (after.length === 0) return [];
  const before = apart(mapping, { ...link, status: 'live', goneA: false, goneB: false });
  return before.filter(({ field }) => after.some((one) => one.field === field));
}

/**
 * The same for pairs that were just looked at: an audit cannot compare one that is frozen, or that waits for its second
 * look, and nothing would report it afterwards. Answers the work that is left.
 */
export function* compareLooked(pass: Pass, items: readonly Work[]): Core<readonly Work[]> {
  if (pass.approval !== null) return items;
  const { mapping } = pass.lane;
  const pairs = items.map(({ plan }) => ({ link: plan.link, found: leftApart(mapping, plan) }));
  const again = yield* mendApart(pass, pairs);
  return again.size === 0 ? items : items.filter(({ plan }) => !again.has(plan.link.id));
}
