import type {
  ChangePage,
  FeedCommit,
  Fields,
  Guard,
  Intent,
  LaneCommit,
  Link,
  OpenIntents,
  Outcome,
  ReadResult,
  Side,
  Write,
} from '@tidelock/core';
import { type CompiledMapping, type Effect, getFields, unchanged } from '@tidelock/engine';
import { norm } from './ledger.ts';
import { CheckFailed, type Sim, storeOf } from './sim.ts';
import type { Fate } from './store-call.ts';
import { checkSweep, checkSystemic, noteRefusals, type Watched } from './watch-rules.ts';

type Touching = Extract<Effect, { kind: 'store' | 'state' }>;

/** Looks at every effect of one worker: the checks that hold at each step. */
export interface Watch {
  /** `late`: the worker was suspended right in front of the effect, where no check of its own can see it (row 18). */
  before(effect: Touching, late: boolean): void;
  after(effect: Touching, value: unknown): void;
  fate(effect: Touching, fate: Fate): void;
  /** What the pass is doing. */
  phase(): string;
  /** A new pass begins: what was read before is forgotten. */
  reset(lane: number): void;
}

interface Reading {
  readonly read: ReadResult;
  readonly at: number;
}

/** Oldest read that a write without precondition may rest on (W2), with room for the calls themselves. */
const PRE_READ = 2_000;

const refOf = (link: Link, side: Side): Link['a'] => (side === 'a' ? link.a : link.b);

interface Desk extends Watched {
  readonly mapping: CompiledMapping;
  lane: number;
  readonly reads: Map<string, Reading>;
  page: { cursor: string; from: string | null } | null;
  /** Pass is past planning: used to tell crash rows apart. */
  phase: string;
}

function openIntentFor(desk: Desk, side: Side, write: Write): Intent {
  const { sim } = desk;
  const laneId = `lane-${desk.lane}`;
  const target = write.op === 'create' ? `stamp:${write.stamp}` : write.id;
  const found = [...sim.state.tables.intents.values()].filter(
    (intent) => intent.laneId === laneId && intent.side === side && intent.targetId === target,
  );
  const open = found.find((intent) => intent.state === 'open' && intent.op === write.op);
  if (open !== undefined) return open;
  throw new CheckFailed(
    'S5',
    `${write.op} of ${target} is sent without an open intent (${found.map((intent) => intent.state).join() || 'none'})`,
  );
}

function checkPatch(intent: Intent, write: Write): void {
  const sent = write.op === 'create' ? write.fields : write.op === 'update' ? write.patch : {};
  if (JSON.stringify(sent) !== JSON.stringify(intent.patch))
    throw new CheckFailed('S5', `${write.op} of ${intent.targetId} differs from its intent`);
}

function checkUpdate(desk: Desk, side: Side, write: Extract<Write, { op: 'update' }>): void {
  for (const [property, value] of Object.entries(write.patch)) {
    if (norm(value) === norm(write.current.fields[property]) && value === write.current.fields[property])
      throw new CheckFailed('S8', `${property} of ${write.id} is written with the value that was read`);
  }
  const store = storeOf(desk.sim, desk.lane, side);
  if (store.options.caps.conditionalUpdate) return;
  const read = desk.reads.get(side + write.id);
  if (read === undefined) throw new CheckFailed('W2', `${write.id} is written without a read in this pass`);
  const age = desk.sim.clock.now - read.at;
  if (age > PRE_READ + 500) throw new CheckFailed('W2', `${write.id} is written on a read ${age} ms old`);
}

function checkDelete(desk: Desk, side: Side, write: Extract<Write, { op: 'delete' }>): void {
  const { sim, reads } = desk;
  const lane = sim.state.tables.lanes.get(`lane-${desk.lane}`);
  const link = [...(lane?.links.values() ?? [])]
    .map((stored) => stored.link)
    .find((candidate) => candidate.status !== 'tomb' && refOf(candidate, side)?.id === write.id);
  if (link === undefined) throw new CheckFailed('S7', `${write.id} is deleted without a link`);
  const partner = refOf(link, side === 'a' ? 'b' : 'a');
  const proof = reads.get((side === 'a' ? 'b' : 'a') + (partner?.id ?? ''))?.read.state;
  if (proof !== 'gone' && proof !== 'merged')
    throw new CheckFailed('S7', `${write.id} is deleted, its partner was read as ${proof}`);
  const there = storeOf(sim, desk.lane, side === 'a' ? 'b' : 'a').rows.get(partner?.id ?? '');
  if (there !== undefined && there.mergedInto !== null)
    throw new CheckFailed('S7', `${write.id} is deleted, its partner was merged into ${there.mergedInto}`);
  const victim = reads.get(side + write.id)?.read;
  const shown: Fields | null = side === 'a' ? link.shownA : link.shownB;
  if (
    victim?.state !== 'found' ||
    !unchanged(desk.mapping, shown, getFields(desk.mapping, side, victim.record))
  )
    throw new CheckFailed('S7', `${write.id} is deleted though it does not show its base`);
}

function checkWrites(desk: Desk, side: Side, writes: readonly Write[]): void {
  for (const write of writes) {
    const intent = openIntentFor(desk, side, write);
    checkPatch(intent, write);
    if (write.op === 'update') checkUpdate(desk, side, write);
    if (write.op === 'delete') checkDelete(desk, side, write);
  }
}

function checkGuard(desk: Desk, guard: Guard, rows: readonly { readonly laneId: string }[]): void {
  const row = desk.sim.state.tables.lanes.get(guard.laneId)?.row;
  if (row?.fence !== guard.fence)
    throw new CheckFailed('S10', `a commit of fence ${guard.fence} took effect under fence ${row?.fence}`);
  if (guard.laneId !== `lane-${desk.lane}` || rows.some((item) => item.laneId !== guard.laneId))
    throw new CheckFailed('S9', `a pass over lane-${desk.lane} touched ${guard.laneId}`);
}

/** What a store makes of a value that it re-formats in its own way cannot be predicted. */
const isTold = (sim: Sim, field: string): boolean => field !== 'town' || !sim.options.toAndFro;

function checkBase(desk: Desk, link: Link): void {
  if (desk.sim.settings.without.has('S6')) return;
  const { sim, mapping } = desk;
  for (const side of ['a', 'b'] as const) {
    const shown = side === 'a' ? link.shownA : link.shownB;
    const store = storeOf(sim, desk.lane, side);
    for (const [name, value] of Object.entries(shown ?? {}).filter(([one]) => isTold(sim, one))) {
      const property = mapping.byName.get(name)?.property[side] ?? name;
      if (value === null || sim.ledger.everShown(store, property, value)) continue;
      throw new CheckFailed(
        'S6',
        `base ${side}.${name} of ${link.id} is ${JSON.stringify(value)}, never shown there`,
      );
    }
  }
}

function checkCursor(desk: Desk, commit: FeedCommit): void {
  const row = desk.sim.state.tables.feeds.get(commit.feed);
  if (row?.fence !== commit.fence)
    throw new CheckFailed('S10', `observations of fence ${commit.fence} took effect under ${row?.fence}`);
  if (commit.cursor === null && desk.met === 0) return;
  if (desk.page === null || commit.cursor !== desk.page.cursor)
    throw new CheckFailed(
      'S4',
      `cursor ${commit.cursor} was stored, the last page ended at ${desk.page?.cursor}`,
    );
}

function afterState(desk: Desk, effect: Extract<Effect, { kind: 'state' }>): void {
  const [first] = effect.args;
  if (effect.method === 'commitLane') {
    const commit = first as LaneCommit;
    const links = (commit.links ?? []).map((put) => put.link);
    checkGuard(desk, commit.guard, [...links, ...(commit.history ?? []), ...(commit.suspects ?? [])]);
    checkSystemic(desk, commit);
    for (const link of links) checkBase(desk, link);
    for (const row of commit.history ?? []) desk.sim.count(`rule ${row.op} ${ruleName(row.rule)}`);
  }
  if (effect.method === 'openIntents') {
    const request = first as OpenIntents;
    checkGuard(desk, request.guard, request.intents);
  }
  if (effect.method === 'commitObservations') checkCursor(desk, first as FeedCommit);
}

const ruleName = (rule: string): string => rule.replace(/\d+%.*$/, '');

function noteReads(desk: Desk, side: Side, reads: readonly ReadResult[]): void {
  desk.sim.note(() => `  -> ${reads.map((read) => shortRead(read)).join(' ')}`);
  for (const read of reads) {
    desk.reads.set(side + read.id, { read, at: desk.sim.clock.now });
    if (desk.phase === 'verify') desk.sim.count(`evidence ${read.state}`);
  }
}

const shortRead = (read: ReadResult): string =>
  read.state === 'found'
    ? `${read.id}=${read.record.version}@${read.record.mono.slice(-9)}`
    : `${read.id}=${read.state}`;

/** Where in a pass an effect stands, by what was asked before it. */
function phaseOf(desk: Desk, effect: Touching): string {
  if (effect.kind !== 'state') return desk.phase;
  if (effect.method === 'suspects') {
    const why = (effect.args[1] as { why?: readonly string[] }).why ?? [];
    return why.includes('removed') ? 'verify' : 'match';
  }
  if (effect.method === 'openIntentsOf') return desk.phase === 'start' ? 'recover' : desk.phase;
  if (effect.method === 'links' && (effect.args[1] as { by: string }).by === 'work') return 'plan';
  return desk.phase;
}

const ROW_OF: Readonly<Record<string, string>> = {
  acquireLane: '1',
  changes: '2',
  openIntents: '9',
  releaseLane: '16',
};

function commitRow(desk: Desk, commit: LaneCommit): string {
  const closed = commit.closed ?? [];
  if (closed.some((item) => item.state === 'confirmed')) return '13';
  if (closed.length > 0) return '15';
  return desk.phase === 'verify' ? '7' : '7*';
}

function crashRow(desk: Desk, effect: Touching): string | null {
  const row = ROW_OF[effect.method];
  if (row !== undefined) return row;
  if (effect.method === 'read') return desk.phase === 'verify' ? '6' : desk.phase === 'plan' ? '8' : null;
  if (effect.method === 'commitLane') return commitRow(desk, effect.args[0] as LaneCommit);
  if (effect.method !== 'commitObservations') return null;
  const commit = effect.args[0] as FeedCommit;
  const was = desk.sim.state.tables.feeds.get(commit.feed);
  if (commit.gen !== was?.gen) return '4';
  return was.scanning && !commit.scanning ? '5' : '3';
}

export function createWatch(sim: Sim, mapping: CompiledMapping): Watch {
  const desk: Desk = {
    sim,
    mapping,
    lane: 0,
    reads: new Map(),
    page: null,
    met: null,
    refused: null,
    phase: 'start',
  };
  return {
    phase: () => desk.phase,
    reset(lane) {
      desk.lane = lane;
      desk.reads.clear();
      desk.page = null;
      desk.met = null;
      desk.phase = 'start';
    },
    fate(effect, fate) {
      desk.phase = phaseOf(desk, effect);
      if (!fate.startsWith('crash')) return;
      const row = crashRow(desk, effect);
      if (row !== null) sim.count(`crash ${row} ${fate.slice(6)}`);
    },
    before(effect, late) {
      if (effect.kind === 'state' && effect.method === 'commitObservations')
        checkSweep(desk, effect.args[0] as FeedCommit);
      if (!late && effect.kind === 'store' && effect.method === 'write')
        checkWrites(desk, effect.side, effect.args[0] as readonly Write[]);
    },
    after(effect, value) {
      if (effect.kind === 'state') return afterState(desk, effect);
      if (effect.method === 'write')
        noteRefusals(desk, effect.side, {
          writes: effect.args[0] as readonly Write[],
          outcomes: value as readonly Outcome[],
        });
      if (effect.method === 'read') noteReads(desk, effect.side, value as readonly ReadResult[]);
      if (effect.method === 'changes') {
        const page = value as ChangePage;
        const from = effect.args[1] as string | null;
        if (from === null) desk.met = 0;
        if (desk.met !== null) desk.met += page.changes.length;
        desk.page = { cursor: page.cursor, from };
      }
    },
  };
}
