import type { Fields, Intent, Link, LinkPut, Review, Side } from '@tidelock/core';
import { attemptOf } from './attempts.ts';
import { confirmedLink, NO_ANSWER, reborn, withPartner } from './confirm.ts';
import { type Core, now, progress, state, store } from './effect.ts';
import { blockingKeys, featuresOf } from './features.ts';
import { notLeftOut, stillApart } from './freeze.ts';
import { HEALING } from './heal.ts';
import type { Lane, Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { otherSide, SIDES } from './link-plan.ts';
import { answeredParked } from './parked.ts';
import { idOf } from './stamp.ts';
import { lookedAtAnew } from './unpark.ts';
import { rowsOfWrite } from './write-history.ts';

const MARGIN_MS = 10_000;
const CHUNK = 200;

/** How long an outcome may stay open before it is probed: no request of ours can still land after it. */
function holdOf(lane: Lane, side: Side): number {
  if (lane.policy.holdMs !== null) return lane.policy.holdMs;
  const caps = lane.caps[side];
  return Math.max(caps.zombieSeconds, caps.lagSeconds) * 1000 + MARGIN_MS;
}

interface Settled {
  readonly link?: LinkPut;
  readonly state: 'confirmed' | 'void';
  readonly keysOf?: { side: Side; id: string; fields: Fields };
  readonly review?: Review;
  /** The create that took effect, where an earlier one with the same stamp may have. */
  readonly made?: Intent;
  /** The link that this one goes on from. */
  readonly old?: LinkPut;
}

const voided = (link: Link, side: Side): Settled => ({
  state: 'void',
  link: { link, mark: notLeftOut(link, [side, otherSide(side)]) },
});

function settleUpdate(pass: Pass, at: { intent: Intent; link: Link; seen: Fields }): Settled {
  const { intent, link, seen } = at;
  const { mapping } = pass.lane;
  const applied = Object.entries(intent.sent).every(([name, value]) => {
    const field = mapping.byName.get(name);
    const held = field?.project(intent.side, value);
    return field === undefined || held === undefined || field.equal(held, seen[name] ?? null);
  });
  if (!applied) return voided(link, intent.side);
  return {
    state: 'confirmed',
    link: {
      link: confirmedLink(pass.lane, { link: link, intent: intent, answer: NO_ANSWER }),
      mark: notLeftOut(link, SIDES),
    },
  };
}

/**
 * What the create made belongs to another pair by now (a merge gave it away): this record keeps no partner, creates
 * none, and a person is told.
 */
function givenAway(
  pass: Pass,
  at: { intent: Intent; link: Link; owner: Link; holder: string; now: number },
): Settled {
  const { intent, link, owner, holder } = at;
  const mine = intent.side === 'a' ? link.b?.id : link.a?.id;
  const theirs = intent.side === 'a' ? owner.b?.id : owner.a?.id;
  const others = [mine, theirs].filter((id) => id !== undefined);
  const review: Review = {
    id: idOf('merged', pass.lane.spec.id, link.id, holder),
    laneId: pass.lane.spec.id,
    kind: 'duplicate',
    linkId: link.id,
    aIds: intent.side === 'a' ? [holder] : others,
    bIds: intent.side === 'a' ? others : [holder],
    score: null,
    reasons: ['Two records were merged on one side; both partners on the other side were kept.'],
    decision: null,
    decidedAt: null,
    at: at.now,
  };
  const alone: Link = {
    ...link,
    status: 'merged',
    goneA: false,
    goneB: false,
    quarantine: null,
    cleanA: link.dirtyA,
    cleanB: link.dirtyB,
  };
  return { state: 'confirmed', link: { link: alone }, review };
}

/** A pair that was parted before the request (undo) stays parted, whatever came of it. */
function deletedLink(link: Link): Link {
  const status = link.status === 'detached' ? 'detached' : 'tomb';
  return { ...link, status, goneA: false, goneB: false };
}

/** The stamp finds what a create made. A link that has another partner by now keeps it: the copy is a record of its own. */
function* settleCreate(pass: Pass, intent: Intent, link: Link): Core<Settled> {
  const { side } = intent;
  const [found = []] = yield* store(side, 'find', 'stamp', [intent.stamp ?? '']);
  const [holder] = found;
  const [present, gone] = side === 'a' ? [link.a, link.goneA] : [link.b, link.goneB];
  const taken = present !== null && !gone && present.id !== holder?.id;
  if (holder === undefined || taken) return voided(link, side);
  const holding = yield* state('links', pass.lane.spec.id, { by: 'native', side, ids: [holder.id] });
  const owner = holding.find((other) => other.id !== link.id && other.status !== 'tomb');
  if (owner !== undefined)
    return givenAway(pass, { intent, link, owner, holder: holder.id, now: yield* now() });
  const { id, mono } = holder;
  const paired = withPartner(link, intent, { id, version: '', mono });
  const past = yield* state('intentsOf', pass.lane.spec.id, intent.linkId);
  const attempts = past.filter((other) => other.op === 'create' && other.stamp === intent.stamp);
  const made = yield* attemptOf(pass, attempts, { side, id, mono, record: holder });
  const confirmed =
    made === undefined
      ? { ...paired, shownA: null, shownB: null }
      : confirmedLink(pass.lane, { link: paired, intent: made, answer: NO_ANSWER });
  const again = reborn(pass.lane, link, confirmed);
  return {
    state: 'confirmed',
    link: { link: stillApart(link, again?.next ?? confirmed), mark: notLeftOut(link, SIDES) },
    ...(again === null ? {} : { old: { link: again.old } }),
    keysOf: { side, id, fields: (made ?? intent).sent },
    ...(made === undefined ? {} : { made }),
  };
}

/** A write on a copy, not on the pair: the link stays as it is, and the copy is looked at again (5.7). */
function* settleHealing(intent: Intent): Core<Settled> {
  const [read] = yield* store(intent.side, 'read', [intent.targetId]);
  return { state: intent.op === 'delete' && read?.state === 'gone' ? 'confirmed' : 'void' };
}

function* settleOne(pass: Pass, intent: Intent, link: Link): Core<Settled> {
  if (intent.cause === HEALING) return yield* settleHealing(intent);
  if (intent.op === 'create') return yield* settleCreate(pass, intent, link);
  const [read] = yield* store(intent.side, 'read', [intent.targetId]);
  if (read?.state === 'found' && intent.op === 'update')
    return settleUpdate(pass, { intent, link, seen: getFields(pass.lane.mapping, intent.side, read.record) });
  if (read?.state === 'gone' && intent.op === 'delete')
    return { state: 'confirmed', link: { link: deletedLink(link) } };
  if (read?.state === 'gone') {
    const flagged = intent.side === 'a' ? { ...link, goneA: true } : { ...link, goneB: true };
    return { state: 'void', link: { link: flagged, mark: notLeftOut(link, [otherSide(intent.side)]) } };
  }
  return voided(link, intent.side);
}

/**
 * Settles writes of unknown outcome (rows 9-14 of the crash table) by asking the store, never by assuming. What was
 * not applied is voided and planned again with the same stamp; what was applied is confirmed with what was *sent*,
 * so that an edit made since is still seen as an edit. Returns the number still waiting for their hold-off.
 */
export function* recover(pass: Pass): Core<number> {
  const intents = yield* state('openIntentsOf', pass.lane.spec.id);
  let waiting = 0;
  let done = 0;
  for (let start = 0; start < intents.length; start += CHUNK) {
    const chunk = intents.slice(start, start + CHUNK);
    const links = yield* state('links', pass.lane.spec.id, {
      by: 'id',
      ids: chunk.map((intent) => intent.linkId),
    });
    const byId = new Map(links.map((link) => [link.id, link]));
    for (const intent of chunk) {
      const wall = yield* now();
      const link = byId.get(intent.linkId);
      if (link === undefined || wall - intent.sentAt < holdOf(pass.lane, intent.side)) {
        waiting++;
        continue;
      }
      const settled = yield* settleOne(pass, intent, link);
      yield* commitSettled(pass, { intent, link, settled });
      yield* progress({ phase: 'recover', done: ++done, total: intents.length });
    }
  }
  return waiting;
}

/**
 * The pair is planned again, also where another write of it is withheld or was refused: for what did not take effect, and for what was
 * reported while nobody knew.
 */
const plannedAgain = (put: LinkPut, wall: number): LinkPut => ({
  ...put,
  link: lookedAtAnew(put.link, wall),
});

function* commitSettled(
  pass: Pass,
  { intent, link, settled }: { intent: Intent; link: Link; settled: Settled },
): Core<void> {
  const wall = yield* now();
  // An input that was refused once was taken after all: its question is answered.
  const answered = answeredParked({ pass, wall }, link, (settled.link?.link ?? link).quarantine);
  const certainty = settled.state === 'confirmed' ? 'certain' : 'possible';
  const { keysOf, made = intent } = settled;
  const put = settled.link && plannedAgain(settled.link, wall);
  yield* state('commitLane', {
    guard: pass.guard,
    now: wall,
    links: [...(settled.old ? [settled.old] : []), ...(put ? [put] : [])],
    reviews: [...answered, ...(settled.review ? [settled.review] : [])],
    closed: [
      {
        id: intent.id,
        state: settled.state,
        conflicts: intent.conflicts.map((conflict) => ({ ...conflict, certainty })),
      },
    ],
    keys: keysOf
      ? [
          {
            side: keysOf.side,
            id: keysOf.id,
            keys: blockingKeys(featuresOf(pass.lane.mapping, pass.lane.canon, keysOf.fields)),
          },
        ]
      : [],
    history:
      settled.state === 'confirmed'
        ? rowsOfWrite(pass, made, { shown: null, conflicts: made.conflicts, at: wall, recovered: true })
        : [],
  });
}
