import type {
  Change,
  ChangePage,
  FeedCommit,
  Fields,
  Intent,
  LaneCounts,
  Link,
  OpenIntents,
  OpenResult,
  ReadResult,
  Side,
  Write,
} from '@tidelock/core';
import type { Lane } from '@tidelock/engine';
import { HEALING } from './healing.ts';
import { MAPPED, propertyOf, type Row } from './model-store.ts';
import { is, type Mutant, type Touching, withFirst } from './mutant.ts';
import { type Sim, storeOf } from './sim.ts';

type Caps = Lane['caps'][Side];

/** The engine believes that both stores can do this. */
const believing =
  (told: Partial<Caps>): NonNullable<Mutant['lane']> =>
  (lane) => ({ ...lane, caps: { a: { ...lane.caps.a, ...told }, b: { ...lane.caps.b, ...told } } });

const journal =
  (kept: (intent: Intent) => boolean): NonNullable<Mutant['answer']> =>
  (effect, value) =>
    is(effect, 'intentsOf') ? (value as readonly Intent[]).filter(kept) : value;

/** These writes are never journaled, so never sent. */
const unopened =
  (of: (intent: Intent) => boolean): NonNullable<Mutant['request']> =>
  (effect) =>
    is(effect, 'openIntents')
      ? withFirst<OpenIntents>(effect, (request) => ({
          ...request,
          intents: request.intents.filter((intent) => !of(intent)),
        }))
      : effect.args;

const byStamp = (effect: Touching): boolean =>
  is(effect, 'links') && (effect.args[1] as { by: string }).by === 'stamp';

const byWork = (effect: Touching): boolean =>
  is(effect, 'links') && (effect.args[1] as { by: string }).by === 'work';

/** Rows of a read of two records with one stamp: only the healer reads like that. */
function twinsOf(effect: Touching, sim: Sim): readonly [Row, Row] | null {
  if (effect.kind !== 'store' || effect.method !== 'read') return null;
  const [kept, copy, ...more] = effect.args[0] as readonly string[];
  const { rows } = storeOf(sim, sim.sender.lane, effect.side);
  const [first, second] = [rows.get(kept ?? ''), rows.get(copy ?? '')];
  if (first === undefined || second === undefined || more.length > 0) return null;
  return first.stamp !== null && first.stamp === second.stamp ? [first, second] : null;
}

/** What a record showed when it was last alive. */
const lastShown = (row: Row): ReadResult | undefined =>
  row.snapshots.findLast(({ read }) => read.state === 'found')?.read;

/** Is the other record of this one's pair gone, as far as the engine knows? */
function isSurvivor(sim: Sim, side: Side, id: string): Link | undefined {
  const links = [...(sim.state.tables.lanes.get(`lane-${sim.sender.lane}`)?.links.values() ?? [])];
  return links
    .map((stored) => stored.link)
    .find(
      (link) => link.status === 'live' && link[side]?.id === id && (side === 'a' ? link.goneB : link.goneA),
    );
}

/** The survivor of a pair reads as if nobody had edited it. */
function unedited(effect: Touching, value: unknown, sim: Sim): unknown {
  if (effect.kind !== 'store' || effect.method !== 'read') return value;
  const { side } = effect;
  return (value as readonly ReadResult[]).map((read) => {
    const link = read.state === 'found' ? isSurvivor(sim, side, read.id) : undefined;
    const shown = side === 'a' ? link?.shownA : link?.shownB;
    if (read.state !== 'found' || !shown) return read;
    const old = Object.fromEntries(
      MAPPED.map(({ field, mailbox, crm }) => [side === 'a' ? mailbox : crm, shown[field] ?? null]),
    );
    return { ...read, record: { ...read.record, fields: { ...read.record.fields, ...old } } };
  });
}

/** A patch that also writes what is there already. */
function widened(sim: Sim, side: Side, of: { targetId: string; patch: Fields }): Fields {
  const title = propertyOf(side, 'title');
  const row = storeOf(sim, sim.sender.lane, side).rows.get(of.targetId);
  return { [title]: row?.fields[title] ?? null, ...of.patch };
}

const ECHO_MS = 5_000;

/** An entry soon after a write of ours counts as its echo. */
function withoutEchoes(effect: Touching, value: unknown, sim: Sim): unknown {
  if (effect.kind !== 'store' || effect.method !== 'changes') return value;
  const { rows } = storeOf(sim, sim.sender.lane, effect.side);
  const isEcho = (change: Change): boolean => {
    const row = rows.get(change.id);
    const ours = row?.snapshots.findLast((snapshot) => snapshot.by === 'us');
    return ours !== undefined && (row?.snapshots.at(-1)?.at ?? 0) - ours.at < ECHO_MS;
  };
  const page = value as ChangePage;
  return { ...page, changes: page.changes.filter((change) => !isEcho(change)) };
}

/** Rules of sections 4 to 7 that cost more than one effect to remove. */
export const OF_RULES: Readonly<Record<string, Mutant>> = {
  'two-looks': { rule: '6.3 two looks where answers lag', lane: believing({ lagSeconds: 0 }) },
  'pre-read': {
    rule: '5.2 W2 a read at most 2 seconds old before an unconditional write',
    lane: believing({ conditionalUpdate: true, conditionalDelete: true }),
  },
  'rule-z': { rule: '5.6 rule Z', answer: journal((intent) => intent.op !== 'update') },
  'base-at-adoption': {
    rule: '5.3 adopted on what was sent',
    answer: journal((intent) => intent.op !== 'create' || intent.state === 'open'),
  },
  heal: {
    rule: '5.7 our own twins are healed',
    request: unopened((intent) => intent.cause === HEALING),
  },
  'heal-survivor': {
    rule: '5.7 (a) the survivor is read again',
    answer: (effect, value, sim) => {
      const twins = twinsOf(effect, sim);
      if (twins === null) return value;
      const [kept, copy] = value as readonly [ReadResult, ReadResult];
      return [kept.state === 'gone' ? (lastShown(twins[0]) ?? kept) : kept, copy];
    },
  },
  'heal-edited': {
    rule: '5.7 (c) an edited copy is not deleted',
    answer: (effect, value, sim) => {
      if (twinsOf(effect, sim) === null) return value;
      const [kept, copy] = value as readonly [ReadResult, ReadResult];
      if (copy.state !== 'found') return value;
      const { modifiedBy: _, ...record } = copy.record;
      return [kept, { ...copy, record: { ...record, modifiedAt: record.createdAt } }];
    },
  },
  'stamp-order': {
    rule: '5.3 a stamped record is looked up',
    answer: (effect, value) => (byStamp(effect) ? [] : value),
  },
  'tombstone-stamp': {
    rule: '5.3 a late create of an ended pair goes as well',
    answer: (effect, value) =>
      byStamp(effect) ? (value as readonly Link[]).filter((link) => link.status !== 'tomb') : value,
  },
  'edit-beats-delete': { rule: '7.1 edit beats delete', answer: unedited },
  'delete-propagation': {
    rule: '7.1 gone / unchanged deletes',
    request: unopened((intent) => intent.op === 'delete' && intent.cause !== HEALING),
  },
  'one-writer': {
    rule: '5.9 (a) one open write a remote record',
    lanes: 2,
    request: (effect) =>
      is(effect, 'openIntents')
        ? withFirst<OpenIntents>(effect, (request) => ({
            ...request,
            intents: request.intents.map((intent) => ({
              ...intent,
              store: `${intent.store}@${intent.laneId}`,
            })),
          }))
        : effect.args,
  },
  echo: { rule: '5.4 nothing is ignored because of when it came', answer: withoutEchoes },
  frame: {
    rule: '4 only what differs is written',
    request: (effect, sim) => {
      if (is(effect, 'openIntents'))
        return withFirst<OpenIntents>(effect, (request) => ({
          ...request,
          intents: request.intents.map((intent) =>
            intent.op === 'update' ? { ...intent, patch: widened(sim, intent.side, intent) } : intent,
          ),
        }));
      if (effect.kind !== 'store' || effect.method !== 'write') return effect.args;
      const writes = (effect.args[0] as readonly Write[]).map((write) =>
        write.op === 'update'
          ? { ...write, patch: widened(sim, effect.side, { targetId: write.id, patch: write.patch }) }
          : write,
      );
      return [writes, ...effect.args.slice(1)];
    },
  },
  'ended-reports': {
    rule: '7.1 back after its tombstone',
    answer: (effect, value) =>
      byWork(effect) ? (value as readonly Link[]).filter((link) => link.status !== 'tomb') : value,
  },
  'removal-time': {
    rule: '6.3 a read older than the removal is stale',
    request: (effect) =>
      is(effect, 'commitObservations')
        ? withFirst<FeedCommit>(effect, (made) => ({
            ...made,
            lanes: made.lanes.map((lane) => ({
              ...lane,
              marks: lane.marks.filter((mark) => mark.kind !== 'clean' || mark.version !== undefined),
            })),
          }))
        : effect.args,
  },
  brake: {
    rule: '6.6 the brake',
    answer: (effect, value) => (is(effect, 'counts') ? { ...(value as LaneCounts), live: 1_000_000 } : value),
  },
  'refused-writes': {
    rule: '5.2 W1 a write that was not journaled is not sent',
    lanes: 2,
    answer: (effect, value) =>
      is(effect, 'openIntents')
        ? {
            ...(value as OpenResult),
            opened: (effect.args[0] as OpenIntents).intents.map((intent) => intent.id),
          }
        : value,
  },
};
