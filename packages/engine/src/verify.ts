import type { Link, LinkPut, ReadResult, Review, Side, StoreRecord, Suspect } from '@tidelock/core';
import { isRipe } from './absent.ts';
import { conclude, linksNow } from './conclude.ts';
import { type Core, now, state, store } from './effect.ts';
import { frozen, scopeVerdict } from './freeze.ts';
import { historyRow, type Pass } from './lane.ts';
import { asClean, otherSide, refOf, seenOn } from './link-plan.ts';
import { unknownSuspect } from './observe.ts';
import { answeredParked } from './parked.ts';
import { isToldOnly, rebound, unaware } from './rebind.ts';
import { idOf } from './stamp.ts';
import { lookedAtAnew } from './unpark.ts';

const CHUNK = 200;

interface Verdict {
  readonly links: LinkPut[];
  readonly settled: Suspect[];
  readonly renewed: Suspect[];
  readonly reviews: Review[];
  readonly gone: Link[];
}

const flagGone = (link: Link, side: Side): Link =>
  side === 'a' ? { ...link, goneA: true } : { ...link, goneB: true };

/** The CRM merged this link's record into another one: follow it, unless the winner is linked already (6.4). */
function mergedLink(
  verdict: Verdict,
  pass: Pass,
  at: {
    suspect: Suspect;
    link: Link;
    winners: Map<string, Link>;
    /** What winners that stand in no link show, as far as they could be read. */
    met: ReadonlyMap<string, StoreRecord>;
    into: string;
    now: number;
  },
): void {
  const { suspect, link, winners, met, into } = at;
  const ref = suspect.side === 'a' ? link.a : link.b;
  if (ref === null) return;
  verdict.reviews.push(...answeredParked({ pass, wall: at.now }, link, null));
  const winner = winners.get(into);
  if (winner === undefined || winner.id === link.id) {
    const { side } = suspect;
    const record = met.get(into);
    const puts = rebound({ side, link, into, stamp: null }).map((put) =>
      put.link.status === 'tomb'
        ? put
        : { ...put, link: unaware(pass.lane.mapping, put.link, { side, record }) },
    );
    verdict.links.push(...puts);
    // Two records can go into one that is new to us: the first pair goes on with it, the second finds it taken.
    for (const put of puts) if (put.link.status !== 'tomb') winners.set(into, put.link);
    return;
  }
  const cleared: Link =
    suspect.side === 'a' ? { ...link, a: null, status: 'merged' } : { ...link, b: null, status: 'merged' };
  verdict.links.push({ link: { ...asClean(cleared), goneA: false, goneB: false, quarantine: null } });
  verdict.reviews.push({
    id: idOf('merged', pass.lane.spec.id, link.id, into),
    laneId: pass.lane.spec.id,
    kind: 'duplicate',
    linkId: link.id,
    aIds: [link.a?.id, winner.a?.id].filter((id) => id !== undefined),
    bIds: [into],
    score: null,
    reasons: ['Two records were merged on one side; both partners on the other side were kept.'],
    decision: null,
    decidedAt: null,
    at: at.now,
  });
}

/** Was this record reported in a newer version than the pair was looked at with, or than `mono`? */
const isToldOf = (link: Link, side: Side, mono = refOf(link, side)?.mono): boolean =>
  mono !== undefined && mono < seenOn(link, side);

/**
 * Alive, and another version than the pair knows: what was refused or withheld of it was about the one before. A read that is older
 * than what feeds have shown says nothing of what was told (W0), and the pair is looked at for that; also for what was told of its
 * partner, and when it was frozen, as its record is back whatever version it has.
 */
function aliveLink(link: Link, of: { suspect: Suspect; record: StoreRecord; now: number }): Link {
  const { side } = of.suspect;
  const isKnown = link.status !== 'out' && of.record.version === refOf(link, side)?.version;
  const isTold = isToldOf(link, side, of.record.mono) || isToldOf(link, otherSide(side));
  return isKnown && !isTold ? link : lookedAtAnew(link, of.now);
}

/**
 * A pair with a write of unknown outcome is busy until recovery (5.2), and does not go on in a link that is free: what a create made
 * would be made there once more. One that is parted anyway needs no outcome.
 */
function waitsForOutcome(
  { busy, winners }: { readonly busy: ReadonlySet<string>; readonly winners: ReadonlyMap<string, Link> },
  { link, into }: { readonly link: Link; readonly into: string },
): boolean {
  const winner = winners.get(into);
  return busy.has(link.id) && (winner === undefined || winner.id === link.id);
}

function judge(
  verdict: Verdict,
  pass: Pass,
  at: {
    suspect: Suspect;
    read: ReadResult;
    link: Link | undefined;
    winners: Map<string, Link>;
    met: ReadonlyMap<string, StoreRecord>;
    /** Pairs with a write of unknown outcome. */
    busy: ReadonlySet<string>;
    now: number;
  },
): void {
  const { suspect, read, link } = at;
  if (read.state === 'failed') return;
  if (link !== undefined && read.state === 'merged' && waitsForOutcome(at, { link, into: read.into })) {
    pass.awaited.add(suspect.side + read.into);
    return;
  }
  const vanished = link === undefined && (read.state === 'gone' || read.state === 'out');
  if (vanished && !isRipe(pass, suspect, at.now)) return;
  verdict.settled.push(suspect);
  if (link === undefined) {
    if (read.state === 'found') {
      const note = unknownSuspect(pass.lane, suspect.side, {
        id: suspect.id,
        record: read.record,
        mono: read.record.mono,
        feed: suspect.feed,
        now: at.now,
      });
      verdict.renewed.push({ ...note, laneId: pass.lane.spec.id, seq: suspect.seq });
      verdict.settled.pop();
    }
    return;
  }
  const outside = scopeVerdict(link, suspect, { read, shared: pass.lane.shared[suspect.side] });
  if (outside !== null) verdict.links.push({ link: lookedAtAnew(outside, at.now) });
  else if (read.state === 'gone') {
    verdict.links.push({ link: lookedAtAnew(flagGone(link, suspect.side), at.now) });
    verdict.gone.push(link);
  } else if (read.state === 'found') {
    verdict.links.push({ link: aliveLink(link, { ...at, record: read.record }), mark: [suspect.side] });
  } else if (read.state === 'out')
    verdict.links.push({ link: lookedAtAnew(frozen(link, suspect.side, read.record), at.now) });
  else
    mergedLink(verdict, pass, {
      suspect,
      link,
      winners: at.winners,
      met: at.met,
      into: read.into,
      now: at.now,
    });
}

function* linksByNative(pass: Pass, side: Side, ids: readonly string[]): Core<Map<string, Link>> {
  const links = ids.length === 0 ? [] : yield* linksNow(pass, { by: 'native', side, ids });
  return new Map(
    links.flatMap((link) => {
      const id = (side === 'a' ? link.a : link.b)?.id;
      return id === undefined || link.status === 'tomb' ? [] : [[id, link] as const];
    }),
  );
}

/** Which of these pairs are busy. Asked only where one of their records was merged. */
function* busyPairs(
  pass: Pass,
  reads: readonly ReadResult[],
  links: ReadonlyMap<string, Link>,
): Core<Set<string>> {
  if (!reads.some((read) => read.state === 'merged' && links.has(read.id))) return new Set();
  const open = yield* state('openIntentsOf', pass.lane.spec.id);
  return new Set(open.map((intent) => intent.linkId));
}

/** Reads the winners that pairs go on with, where there is something that only the other side says of them. */
function* meetWinners(
  pass: Pass,
  side: Side,
  of: {
    reads: readonly ReadResult[];
    links: ReadonlyMap<string, Link>;
    winners: ReadonlyMap<string, Link>;
  },
): Core<Map<string, StoreRecord>> {
  const met = new Map<string, StoreRecord>();
  const ids = of.reads.flatMap((read) =>
    read.state === 'merged' && of.links.has(read.id) && !of.winners.has(read.into) ? [read.into] : [],
  );
  if (ids.length === 0 || !pass.lane.mapping.fields.some((field) => isToldOnly(field, side))) return met;
  for (const read of yield* store(side, 'read', [...new Set(ids)]))
    if ('record' in read && read.record !== undefined) met.set(read.id, read.record);
  return met;
}

function* verifyChunk(pass: Pass, side: Side, suspects: readonly Suspect[]): Core<void> {
  const ids = suspects.map((suspect) => suspect.id);
  const reads = yield* store(side, 'read', ids);
  const links = yield* linksByNative(pass, side, ids);
  const winners = yield* linksByNative(
    pass,
    side,
    reads.flatMap((read) => (read.state === 'merged' ? [read.into] : [])),
  );
  const met = yield* meetWinners(pass, side, { reads, links, winners });
  const busy = yield* busyPairs(pass, reads, links);
  const verdict: Verdict = { links: [], settled: [], renewed: [], reviews: [], gone: [] };
  const wall = yield* now();
  suspects.forEach((suspect, index) => {
    const read = reads[index];
    if (read !== undefined)
      judge(verdict, pass, { suspect, read, link: links.get(suspect.id), winners, met, busy, now: wall });
  });
  if (pass.sketch !== null && verdict.renewed.length > 0)
    yield* state('commitLane', { guard: pass.guard, now: wall, suspects: verdict.renewed });
  yield* conclude(pass, {
    links: verdict.links,
    settled: verdict.settled,
    suspects: verdict.renewed,
    reviews: verdict.reviews,
    history: verdict.gone.map((link) =>
      historyRow(pass, {
        linkId: link.id,
        side,
        op: 'gone',
        field: null,
        old: null,
        new: null,
        rule: 'proved by a read',
        at: wall,
      }),
    ),
  });
}

/**
 * Turns suspicions into facts by reading each record: gone, alive, out of scope or merged (table 6.3). A read that
 * fails settles nothing; an error of the whole call ends the pass without a verdict.
 */
export function* verifySuspects(pass: Pass): Core<void> {
  const why = ['removed', 'missing', 'merged'] as const;
  let after: { side: Side; id: string } | undefined;
  for (;;) {
    const found = yield* state(
      'suspects',
      pass.lane.spec.id,
      after === undefined ? { why, limit: CHUNK } : { why, after, limit: CHUNK },
    );
    const last = found.at(-1);
    if (last === undefined) return;
    for (const side of ['a', 'b'] as const) {
      const mine = found.filter((suspect) => suspect.side === side);
      if (mine.length > 0) yield* verifyChunk(pass, side, mine);
    }
    after = { side: last.side, id: last.id };
  }
}
