import type { Intent, LaneCommit, Outcome, ReadResult, Side, StoreRecord, Write } from '@tidelock/core';
import type { Effect } from '@tidelock/engine';
import { norm } from './ledger.ts';
import { propertyOf, type Row } from './model-store.ts';
import { CheckFailed, type Moment, type Sim, storeOf } from './sim.ts';
import { type Desk, refOf } from './watch-desk.ts';

const momentOf = ({ clock }: Sim): Moment => ({ wall: clock.wall(), at: clock.now, leapt: clock.leapt });

/** Hold-offs are measured from here on (5.5). */
export function noteJournaled({ sim }: Desk, ids: readonly string[]): void {
  for (const id of ids) sim.journaled.set(id, { ...momentOf(sim), lost: false });
}

/** Remembers what nobody knows the outcome of: writes of this pass, not those that the holder after it has journaled meanwhile. */
export function noteUnsure(
  { sim, lane, fence }: Desk,
  side: Side,
  { writes, outcomes }: { writes: readonly Write[]; outcomes: readonly Outcome[] },
): void {
  const lost = new Set(
    writes.flatMap((write, index) =>
      outcomes[index]?.status === 'unknown'
        ? [write.op === 'create' ? `stamp:${write.stamp}` : write.id]
        : [],
    ),
  );
  if (lost.size === 0) return;
  for (const intent of sim.state.tables.intents.values()) {
    const known = sim.journaled.get(intent.id);
    const isOurs =
      intent.state === 'open' &&
      intent.side === side &&
      intent.laneId === `lane-${lane}` &&
      intent.fence === fence &&
      lost.has(intent.targetId);
    if (isOurs && known !== undefined) sim.journaled.set(intent.id, { ...known, lost: true });
  }
}

/**
 * Has less time passed, by any clock? What the state's clock leapt over, the engine cannot know of; where that clock was set back
 * first, no peak of it shows the leap.
 */
const isWithin = ({ clock }: Sim, since: Moment, ms: number): boolean =>
  clock.now - since.at + clock.leapt - since.leapt < ms && clock.peak() - since.wall < ms;

function mayStillLand({ sim, lane }: Desk, side: Side, { id, sentAt }: Intent): boolean {
  const sent = sim.journaled.get(id);
  const ms = storeOf(sim, lane, side).options.caps.zombieSeconds * 1_000;
  return sent?.lost === true && isWithin(sim, { ...sent, wall: sentAt }, ms);
}

/** Did a record live right before then? Nobody finds one that a person restores later. */
function livedBefore({ snapshots }: Row, at: number): boolean {
  const shown = snapshots.findLast((snapshot) => snapshot.at < at)?.read.state;
  return shown !== undefined && shown !== 'gone' && shown !== 'merged';
}

/** The living record that a create of ours made before the store was asked for its stamp, where its pair has no other. */
function madeBy(desk: Desk, of: { side: Side; linkId: string; stamp: string | null }): string | undefined {
  const { side, linkId, stamp } = of;
  const link = desk.sim.state.tables.lanes.get(`lane-${desk.lane}`)?.links.get(linkId)?.link;
  const gone = side === 'a' ? link?.goneA : link?.goneB;
  if (stamp === null || link === undefined || (refOf(link, side) !== null && gone !== true)) return undefined;
  const holders = storeOf(desk.sim, desk.lane, side).byStamp(stamp);
  return holders.find((row) => livedBefore(row, desk.stampsAt))?.id;
}

/** A write of unknown outcome stays open while it can land, and no create is given up that has taken effect (W4, 5.5). */
export function checkVoids(desk: Desk, { closed = [] }: LaneCommit): void {
  for (const { id, state } of closed) {
    const intent = desk.sim.state.tables.intents.get(id);
    if (state !== 'void' || intent === undefined) continue;
    const { side, op, targetId } = intent;
    if (mayStillLand(desk, side, intent))
      throw new CheckFailed('W4', `${op} of ${targetId} is given up while it can still land`);
    const made = op === 'create' && desk.phase === 'recover' ? madeBy(desk, intent) : undefined;
    if (made !== undefined)
      throw new CheckFailed('W4', `${op} of ${targetId} is given up, and has made ${made}`);
  }
}

/** What the store itself answered, whatever a mutant makes of it. */
export function noteFound(
  desk: Desk,
  { side, args }: Extract<Effect, { kind: 'store' }>,
  found: readonly (readonly StoreRecord[])[],
): void {
  if (args[0] === 'stamp') desk.stampsAt = desk.sim.clock.now;
  if (args[0] !== 'email') return;
  (args[1] as readonly string[]).forEach((email, index) => {
    const free = (found[index] ?? []).map(({ id }) => id).filter((id) => !isLinked(desk, side, id));
    desk.found.set(side + norm(email), free);
  });
}

function isLinked({ sim, lane }: Desk, side: Side, id: string): boolean {
  const links = [...(sim.state.tables.lanes.get(`lane-${lane}`)?.links.values() ?? [])];
  return links.some(({ link }) => link.status !== 'tomb' && refOf(link, side)?.id === id);
}

/** Nobody is created beside a record that the store showed under the same address (5.9). */
export function checkBeside(desk: Desk, side: Side, write: Extract<Write, { op: 'create' }>): void {
  const email = norm(write.fields[propertyOf(side, 'email')]);
  const { rows } = storeOf(desk.sim, desk.lane, side);
  for (const id of desk.found.get(side + email) ?? [])
    if (rows.get(id)?.state === 'live' && !isLinked(desk, side, id))
      throw new CheckFailed(
        'S2',
        `${email} is created beside ${id}, which the store showed under that address`,
      );
}

/** When the lane first read that the record is gone; whatever it reads later, that was the first look. */
export function noteGone({ sim, lane }: Desk, side: Side, read: ReadResult): void {
  const key = `${lane} ${side} ${read.id}`;
  if (read.state === 'gone' && !sim.goneSince.has(key)) sim.goneSince.set(key, momentOf(sim));
}

/** Where answers lag, a record is gone when a second look says so, after the lag (6.3); what the state's clock leapt over counts. */
export function checkTwoLooks(
  { sim, lane }: Desk,
  side: Side,
  { victim, partner }: { victim: string; partner: string },
): void {
  const from = side === 'a' ? 'b' : 'a';
  const first = sim.goneSince.get(`${lane} ${from} ${partner}`);
  const { lagSeconds } = storeOf(sim, lane, from).options.caps;
  if (first === undefined) return;
  const passed = sim.clock.now - first.at;
  if (isWithin(sim, first, lagSeconds * 1_000))
    throw new CheckFailed(
      'S7',
      `${victim} is deleted ${passed} ms after ${partner} was first read as gone, answers lag more`,
    );
}

/** Two lanes never create one person at the same time in the store that they share: whoever comes second waits for the first (5.9 b). */
export function checkClaimed({ sim }: Desk, opened: readonly Intent[]): void {
  if (sim.a.length === 1 || sim.settings.events === true) return;
  const address = ({ patch }: Intent): string => norm(patch[propertyOf('b', 'email')]);
  const isCreate = ({ side, op }: Intent): boolean => side === 'b' && op === 'create';
  const open = [...sim.state.tables.intents.values()].filter(
    (intent) => intent.state === 'open' && isCreate(intent),
  );
  for (const intent of opened.filter(isCreate))
    if (open.some((other) => other.laneId !== intent.laneId && address(other) === address(intent)))
      throw new CheckFailed('S2', `${address(intent)} is created by two lanes at once`);
}
