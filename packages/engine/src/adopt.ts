import type { FeedRow, Link, Review, Side, SideRef, Suspect } from '@tidelock/core';
import { admitted, admittedAlone } from './admission.ts';
import { commit, type Draft, emptyDraft } from './adoption-draft.ts';
import { decisions, noteAsked, UNDER_REVIEW } from './decided.ts';
import { type Core, fork, now, progress, uuid } from './effect.ts';
import { type Candidates, findCandidates, gatherRecords, matchGroup, placeable } from './gather.ts';
import { healTwins } from './heal.ts';
import { historyRow, type Pass } from './lane.ts';
import type { Doubt, Matched, MatchResult, PairDecision } from './match.ts';
import { newLink } from './new-link.ts';
import { answeredParked } from './parked.ts';
import { reopenReviews } from './reopen.ts';
import { sketchedId } from './sketch.ts';
import { idOf, sortableId } from './stamp.ts';
import { adoptStamped } from './stamped.ts';
import {
  completeUnknown,
  keepLearned,
  type Loaded,
  loadUnknown,
  settleLinked,
  type Unknown,
} from './unknown.ts';
import { uncopied } from './unseen-copies.ts';

const COMMIT_CHUNK = 500;

const refOf = (suspect: Suspect): SideRef => ({
  id: suspect.id,
  inc: 0,
  version: '',
  mono: suspect.mono,
  stamp: suspect.stamp ?? null,
  gen: 0,
});

function* freshLink(pass: Pass, of: { side: Side; id: string }, wall: number): Core<Link> {
  const id = pass.sketch === null ? sortableId(wall, yield* uuid()) : sketchedId(of.side, of.id);
  return newLink(pass.lane.spec.id, id, wall);
}

function* placeAlone(pass: Pass, suspects: readonly Suspect[], foreign: ReadonlySet<string>): Core<void> {
  const draft = emptyDraft();
  const wall = yield* now();
  for (const suspect of suspects) {
    draft.settled.push(suspect);
    if (foreign.has(suspect.side + suspect.id)) continue;
    draft.keys.push({ side: suspect.side, id: suspect.id, keys: suspect.keys ?? [] });
    const link = yield* freshLink(pass, suspect, wall);
    draft.links.push({
      link:
        suspect.side === 'a'
          ? { ...link, a: refOf(suspect), seenA: suspect.mono }
          : { ...link, b: refOf(suspect), seenB: suspect.mono },
      mark: [suspect.side],
    });
  }
  yield* commit(pass, draft);
}

/** Commits that are under way beside one another: while one is stored, the next is made. */
const AT_ONCE = 2;

/** Free records that match nothing become half links: planning creates their partners. Foreign ones are forgotten. */
function* adoptAlone(pass: Pass, suspects: readonly Suspect[], foreign: ReadonlySet<string>): Core<void> {
  const total = suspects.length;
  const starts = Array.from({ length: Math.ceil(total / COMMIT_CHUNK) }, (_, at) => at * COMMIT_CHUNK);
  const queue = starts.values();
  let done = 0;
  function* part(): Core<void> {
    for (const start of queue) {
      const chunk = suspects.slice(start, start + COMMIT_CHUNK);
      yield* placeAlone(pass, chunk, foreign);
      done += chunk.length;
      yield* progress({ phase: 'match', done, total });
    }
  }
  if (starts.length < AT_ONCE || pass.sketch !== null) yield* part();
  else yield* fork(Array.from({ length: AT_ONCE }, part));
}

function reviewOf(pass: Pass, doubt: Doubt, wall: number): Review {
  return {
    id: idOf(doubt.kind, pass.lane.spec.id, ...[...doubt.a].sort(), '|', ...[...doubt.b].sort()),
    laneId: pass.lane.spec.id,
    kind: doubt.kind,
    linkId: null,
    aIds: doubt.a,
    bIds: doubt.b,
    score: doubt.score.points,
    reasons: doubt.score.reasons,
    decision: null,
    decidedAt: null,
    at: wall,
  };
}

function take(draft: Draft, suspect: Suspect | undefined): void {
  if (suspect === undefined) return;
  draft.settled.push(suspect);
  draft.keys.push({ side: suspect.side, id: suspect.id, keys: suspect.keys ?? [] });
}

/** The record that is left of a pair goes into a link of its own: the partner that is gone says nothing about a new one. */
function widowed(draft: Draft, known: Link, of: { fresh: Link; kept: Side }): Link {
  const { fresh, kept } = of;
  const ended: Link = { ...known, status: 'tomb', goneA: false, goneB: false, quarantine: null };
  const clean = kept === 'b' ? { cleanB: known.dirtyB } : { cleanA: known.dirtyA };
  draft.links.push({ link: { ...ended, ...clean } });
  return kept === 'b'
    ? { ...fresh, b: known.b, seenB: known.seenB }
    : { ...fresh, a: known.a, seenA: known.seenA };
}

function linkMatched(
  pass: Pass,
  draft: Draft,
  at: { base: Link; matched: Matched; unknown: Unknown; wall: number },
): void {
  const { base, matched, unknown, wall } = at;
  const [left, right] = [unknown.a.get(matched.a), unknown.b.get(matched.b)];
  const link: Link = {
    ...base,
    // A record that waits frozen for its partner is looked at with it; only a plan thaws a pair.
    status: base.status === 'out' ? 'out' : 'live',
    quarantine: null,
    a: base.a ?? (left ? refOf(left) : null),
    b: base.b ?? (right ? refOf(right) : null),
  };
  draft.links.push({ link, mark: ['a', 'b'] });
  const rule = `match ${matched.score.points}%: ${matched.score.reasons.join(', ')}`;
  const row = {
    linkId: link.id,
    side: 'b',
    op: 'link',
    field: null,
    old: null,
    new: null,
    rule,
    at: wall,
  } as const;
  draft.history.push(historyRow(pass, row));
  take(draft, left);
  take(draft, right);
  pass.counts.linked++;
  pass.sketch?.pair(link.id, matched.score);
}

function reviewDoubt(pass: Pass, draft: Draft, at: { doubt: Doubt; unknown: Unknown; wall: number }): void {
  const { doubt, unknown } = at;
  const review = reviewOf(pass, doubt, at.wall);
  draft.reviews.push(review);
  noteAsked(pass, [review]);
  pass.counts.reviews++;
  const suspects = [...doubt.a.map((id) => unknown.a.get(id)), ...doubt.b.map((id) => unknown.b.get(id))];
  for (const suspect of suspects) {
    if (suspect === undefined) continue;
    draft.moved.push({ ...suspect, why: 'review' });
    draft.keys.push({ side: suspect.side, id: suspect.id, keys: suspect.keys ?? [] });
  }
}

/** Pairs that waited for a question in which nothing is asked of them any more. */
function letGo(pass: Pass, { links }: Candidates, draft: Draft): Link[] {
  const put = new Set(draft.links.map(({ link }) => link.id));
  return (['a', 'b'] as const).flatMap((side) =>
    [...links[side]].flatMap(([id, link]) => {
      const waits = link.quarantine?.code === UNDER_REVIEW && !put.has(link.id);
      return waits && !pass.asked.has(side + id) ? [{ ...link, quarantine: null }] : [];
    }),
  );
}

function* adoptMatches(
  pass: Pass,
  at: { result: MatchResult; unknown: Unknown; candidates: Candidates },
): Core<void> {
  const draft = emptyDraft();
  const wall = yield* now();
  const { result, unknown, candidates } = at;
  for (const matched of result.links) {
    const known = candidates.links.a.get(matched.a) ?? candidates.links.b.get(matched.b);
    const alone = known?.status === 'half' || known?.status === 'out';
    const fresh = alone ? known : yield* freshLink(pass, { side: 'a', id: matched.a }, wall);
    const kept: Side = candidates.links.a.has(matched.a) ? 'a' : 'b';
    const base = known?.status === 'live' ? widowed(draft, known, { fresh, kept }) : fresh;
    if (known !== undefined) draft.reviews.push(...answeredParked({ pass, wall }, known, null));
    linkMatched(pass, draft, { base, matched, unknown, wall });
  }
  for (const doubt of result.doubts) reviewDoubt(pass, draft, { doubt, unknown, wall });
  draft.links.push(...letGo(pass, candidates, draft).map((link) => ({ link })));
  yield* commit(pass, draft);
}

/**
 * Gives every unknown record a place: known by its stamp, healed away as our own twin, linked to its match, handed to a
 * person, or half a link whose partner will be created. Waits until both sides have been enumerated once, so nothing is
 * created that a later page would have matched.
 */
export function* adoptUnknown(pass: Pass, feeds: Readonly<Record<Side, readonly FeedRow[]>>): Core<void> {
  if ([...feeds.a, ...feeds.b].some((feed) => feed.scanning || feed.gen === 0)) return;
  const decided = yield* decisions(pass);
  const loaded = yield* loadUnknown(pass, decided);
  const { unknown } = loaded;
  if (unknown.a.size + unknown.b.size + loaded.waiting.size === 0) return;
  yield* settleLinked(pass, loaded);
  yield* reopenReviews(pass, loaded);
  if (unknown.a.size + unknown.b.size === 0) return;
  try {
    yield* placeUnknown(pass, loaded, { feeds, decided });
  } catch (error) {
    yield* keepLearned(pass, loaded);
    throw error;
  }
  yield* keepLearned(pass, loaded);
}

function forget(unknown: Unknown, suspects: readonly Suspect[]): void {
  for (const { side, id } of suspects) unknown[side].delete(id);
}

function* placeUnknown(
  pass: Pass,
  loaded: Loaded,
  of: {
    readonly feeds: Readonly<Record<Side, readonly FeedRow[]>>;
    readonly decided: ReadonlyMap<string, PairDecision>;
  },
): Core<void> {
  const { feeds, decided } = of;
  const { unknown } = loaded;
  for (const side of ['a', 'b'] as const) yield* completeUnknown(pass, side, { loaded, feeds: feeds[side] });
  for (const stranger of yield* healTwins(pass, yield* adoptStamped(pass, unknown)))
    unknown[stranger.side].set(stranger.id, stranger);
  const candidates = yield* findCandidates(pass, loaded);
  for (const group of candidates.groups) {
    const gathered = yield* gatherRecords(pass, group, unknown);
    const { records } = gathered;
    const result = admitted(pass, matchGroup(pass, { unknown, records, candidates, decided }), records);
    yield* adoptMatches(pass, { result, unknown, candidates });
    const lonely = result.alone.flatMap(({ side, id }) => unknown[side].get(id) ?? []);
    const single = placeable(yield* uncopied(pass, lonely), gathered, yield* now());
    yield* adoptAlone(pass, single, candidates.foreign);
    forget(unknown, [...single, ...matchedOf(result, unknown)]);
  }
  const { foreign } = candidates;
  const alone = admittedAlone(pass, yield* uncopied(pass, candidates.alone), foreign);
  forget(unknown, alone);
  yield* adoptAlone(pass, alone, foreign);
}

/** Linked, or handed to a person. */
function matchedOf({ links, doubts }: MatchResult, unknown: Unknown): Suspect[] {
  const a = [...links.map((link) => link.a), ...doubts.flatMap((doubt) => doubt.a)];
  const b = [...links.map((link) => link.b), ...doubts.flatMap((doubt) => doubt.b)];
  return [...a.flatMap((id) => unknown.a.get(id) ?? []), ...b.flatMap((id) => unknown.b.get(id) ?? [])];
}
