import type { FeedRow, FieldValue, Link, Review, Side } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { CompiledMapping, MappedField } from './lens.ts';
import { alike } from './merge.ts';
import { idOf } from './stamp.ts';

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
  if (field.keepOnBlank && (a === null || b === null)) return true;
  return field.project('b', a) === undefined || field.project('a', b) === undefined;
}

/** Where a pair that counts as in step is not. Pure. Held fields, and pairs that are to be looked at anyway, are not named. */
export function divergences(mapping: CompiledMapping, link: Link): Divergence[] {
  const { shownA, shownB } = link;
  const dirty = link.dirtyA > link.cleanA || link.dirtyB > link.cleanB;
  if (link.status !== 'live' || dirty || link.goneA || link.goneB || !shownA || !shownB) return [];
  return mapping.fields.flatMap((field): Divergence[] => {
    const [a, b] = [shownA[field.name], shownB[field.name]];
    if (a === undefined || b === undefined || link.holds.includes(field.name)) return [];
    if (alike(field, a, b) || mayDiffer(field, a, b)) return [];
    return [{ field: field.name, kind: a === null || b === null ? 'fill' : 'ask' }];
  });
}

const without = (shown: Link['shownA'], fields: ReadonlySet<string>): Link['shownA'] =>
  shown && Object.fromEntries(Object.entries(shown).filter(([name]) => !fields.has(name)));

/** Blanks are filled as at first contact; for the rest both values stay until a person has decided. */
function mended(link: Link, found: readonly Divergence[]): Link {
  const fills = new Set(found.filter(({ kind }) => kind === 'fill').map(({ field }) => field));
  const asks = found.filter(({ kind }) => kind === 'ask').map(({ field }) => field);
  return {
    ...link,
    shownA: without(link.shownA, fills),
    shownB: without(link.shownB, fills),
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

function* comparePage(pass: Pass, links: readonly Link[]): Core<number> {
  const { mapping } = pass.lane;
  const found = links
    .map((link) => ({ link, found: divergences(mapping, link) }))
    .filter((one) => one.found.length > 0);
  if (found.length === 0) return 0;
  const kept = yield* keptApart(pass);
  const open = found
    .map(({ link, found: all }) => ({
      link,
      found: all.filter(({ field }) => !kept.has(`${link.id} ${field}`)),
    }))
    .filter((one) => one.found.length > 0);
  if (open.length === 0) return 0;
  pass.more = true;
  const wall = yield* now();
  const reviews = open.flatMap(({ link, found: all }) => questions(pass, link, { found: all, wall }));
  pass.counts.reviews += reviews.length;
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    links: open.map(({ link, found: all }) => ({ link: mended(link, all), mark: BOTH })),
    reviews,
  });
  return open.length;
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
    diverged += yield* comparePage(pass, links);
    const last = links.at(-1);
    if (last === undefined || links.length < PAGE) break;
    after = last.id;
  }
  if (diverged > 0) yield* log('warn', 'audit.diverged', { lane: pass.lane.spec.id, pairs: diverged });
}
