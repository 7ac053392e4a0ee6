import type { Fields, Intent, OpenIntents, Side, Write } from '@tidelock/core';
import { getFields, unchanged } from '@tidelock/engine';
import { HEALING } from './healing.ts';
import { norm } from './ledger.ts';
import { CheckFailed, storeOf } from './sim.ts';
import { checkBrake } from './watch-brake.ts';
import { type Desk, refOf } from './watch-desk.ts';
import { checkBeside, checkClaimed, checkTwoLooks } from './watch-outcomes.ts';
import { checkPlanned } from './watch-plan.ts';
import { checkLeftOut } from './watch-scope.ts';

/** Oldest read that a write without precondition may rest on (W2), with room for the calls themselves. */
const PRE_READ = 2_000;

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
  if (sent !== intent.patch && JSON.stringify(sent) !== JSON.stringify(intent.patch))
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
  if (read.read.state === 'found' && read.read.record.mono < read.seen)
    throw new CheckFailed('W0', `${write.id} is written on a read older than its feed`);
  if (read.read.state !== 'found' || read.read.record.version !== write.current.version)
    throw new CheckFailed('W0', `${write.id} is written on something else than its last read`);
  const age = desk.sim.clock.now - read.at;
  if (age > PRE_READ + 500) throw new CheckFailed('W2', `${write.id} is written on a read ${age} ms old`);
}

/** A copy of ours may go when the record that the link names was read alive with it, and nobody has touched the copy. */
function checkHealing(desk: Desk, intent: Intent, id: string): void {
  const { sim, reads } = desk;
  const link = sim.state.tables.lanes.get(intent.laneId)?.links.get(intent.linkId)?.link;
  const kept = link && refOf(link, intent.side)?.id;
  const read = reads.get(intent.side + id)?.read;
  const alive = reads.get(`${intent.side}${kept}`)?.read.state;
  if (kept === undefined || kept === id) throw new CheckFailed('S7', `${id} is healed away, nothing is kept`);
  if (alive !== 'found' && alive !== 'out')
    throw new CheckFailed('S7', `${id} is healed away, ${kept} was read as ${alive}`);
  if (read?.state !== 'found' || read.record.createdAt !== read.record.modifiedAt)
    throw new CheckFailed('S7', `${id} is healed away though somebody touched it`);
}

function checkDelete(desk: Desk, side: Side, write: Extract<Write, { op: 'delete' }>): void {
  const { sim, reads } = desk;
  const lane = sim.state.tables.lanes.get(`lane-${desk.lane}`);
  const link = [...(lane?.links.values() ?? [])]
    .map((stored) => stored.link)
    .find((candidate) => candidate.status !== 'tomb' && refOf(candidate, side)?.id === write.id);
  if (link === undefined) throw new CheckFailed('S7', `${write.id} is deleted without a link`);
  checkProof(desk, side, { victim: write.id, partner: refOf(link, side === 'a' ? 'b' : 'a')?.id ?? '' });
  const victim = reads.get(side + write.id)?.read;
  const shown: Fields | null = side === 'a' ? link.shownA : link.shownB;
  if (
    victim?.state !== 'found' ||
    !unchanged(desk.mapping, shown, getFields(desk.mapping, side, victim.record))
  )
    throw new CheckFailed('S7', `${write.id} is deleted though it does not show its base`);
}

/** The partner of what is deleted is gone, and was looked at. */
function checkProof(desk: Desk, side: Side, of: { readonly victim: string; readonly partner: string }): void {
  const { sim, reads } = desk;
  const { victim, partner } = of;
  const proof = reads.get((side === 'a' ? 'b' : 'a') + partner)?.read.state;
  if (proof === 'gone') checkTwoLooks(desk, side, of);
  if (proof !== 'gone' && proof !== 'merged')
    throw new CheckFailed('S7', `${victim} is deleted, its partner was read as ${proof}`);
  const there = storeOf(sim, desk.lane, side === 'a' ? 'b' : 'a').rows.get(partner);
  if (there !== undefined && there.mergedInto !== null)
    throw new CheckFailed('S7', `${victim} is deleted, its partner was merged into ${there.mergedInto}`);
  if (there?.foreign === true)
    throw new CheckFailed('S16', `${victim} is deleted because somebody let go of the copy ${there.id}`);
}

/** A copy of somebody else's event is read, and never written (0522). */
function checkForeign(desk: Desk, side: Side, write: Write): void {
  const id = write.op === 'create' ? '' : write.id;
  if (storeOf(desk.sim, desk.lane, side).rows.get(id)?.foreign === true)
    throw new CheckFailed('S16', `${write.op} of ${id}, a copy of somebody else's event, is sent`);
}

/** What has to hold of a batch when it is sent. */
export function checkWrites(desk: Desk, side: Side, writes: readonly Write[]): void {
  const { sim } = desk;
  for (const write of writes) {
    const intent = openIntentFor(desk, side, write);
    checkPatch(intent, write);
    checkForeign(desk, side, write);
    checkPlanned(desk, { side, intent, write });
    if (write.op === 'create') checkBeside(desk, side, write);
    if (write.op === 'update') checkUpdate(desk, side, write);
    if (intent.cause === HEALING) sim.count(`heal ${write.op}`);
    if (write.op === 'delete' && intent.cause === HEALING) checkHealing(desk, intent, write.id);
    else if (write.op === 'delete') checkDelete(desk, side, write);
  }
}

/** Rules about what is journaled: one open write a remote record, and no more deletes than the brake allows. */
export function checkOpened(desk: Desk, request: OpenIntents, opened: readonly string[]): void {
  const { sim } = desk;
  const mine = request.intents.filter((intent) => opened.includes(intent.id));
  for (const { id, store, targetId } of mine) {
    const rival = [...sim.state.tables.intents.values()].find(
      (other) => other.state === 'open' && other.id !== id && other.targetId === targetId,
    );
    if (rival !== undefined && rival.store.split('@')[0] === store.split('@')[0])
      throw new CheckFailed('S5', `two writes of ${targetId} are open at once`);
  }
  checkClaimed(desk, mine);
  checkBrake(desk, mine);
  checkLeftOut(desk, mine);
}
