import type { HeldDeletes, Side } from '@tidelock/core';
import type { BrakePolicy } from './policy.ts';
import { idOf } from './stamp.ts';

/** Pairs with a record in one folder. */
export interface FolderDeletes {
  /** Side on which this pass would delete. */
  readonly side: Side;
  readonly deletes: number;
  readonly live: number;
}

export interface BrakeInput {
  /** Links whose record on `side` would be deleted in this pass. */
  readonly deletes: Readonly<Record<Side, readonly string[]>>;
  /** Links that would lose the value of a field on a side, by field. */
  readonly blankings: readonly { readonly linkId: string; readonly side: Side; readonly field: string }[];
  readonly live: number;
  /** Folders out of which records of this pass's deletes, or their partners, come. Absent = none is known. */
  readonly folders?: readonly FolderDeletes[];
  /** Deletes of the last 24 hours on each side, approved ones too; this pass not included. Absent = none. */
  readonly recent?: Readonly<Record<Side, number>>;
  /** Deletes of the last ten minutes in all lanes of the tenant, on both sides; this pass not included. Absent = none. */
  readonly everywhere?: number;
  readonly policy: BrakePolicy;
  readonly approvedHashes: readonly string[];
  /** Links that were approved by name: any part of them may go. */
  readonly approvedIds?: ReadonlySet<string>;
  /**
   * What links are counted as, by link: all dates of one series are one event. Absent = each link is one. Where it is given, `live`,
   * `folders` and `recent` are counted so as well; `everywhere` is not.
   */
  readonly units?: ReadonlyMap<string, string>;
}

export interface BrakeResult {
  readonly held: HeldDeletes | null;
  /** Links that nothing is deleted or blanked for in this pass. */
  readonly stopped: ReadonlySet<string>;
  /** Everything that waits for an approval; `held` is the first of it. */
  readonly waiting: readonly HeldDeletes[];
}

/** What an operator approves: exactly these links on this side. */
export const heldHash = (side: Side, ids: readonly string[]): string =>
  idOf('held', side, ...[...ids].sort());

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const tooManyOf = ({ deletes, live }: FolderDeletes, { least, folderShare }: BrakePolicy): boolean =>
  deletes > Math.max(least, Math.floor(live * folderShare));

/** How many these links count as. */
const countAs = ({ units }: BrakeInput, ids: readonly string[]): number =>
  units === undefined ? ids.length : new Set(ids.map((id) => units.get(id) ?? id)).size;

const wordOf = ({ units }: BrakeInput): string => (units === undefined ? 'records' : 'events');

/** `35 deletes`, or `35 deletes, of 12 events` */
function sayDeletes(input: BrakeInput, side: Side): string {
  const ids = input.deletes[side];
  const events = countAs(input, ids);
  return events === ids.length ? `${ids.length} deletes` : `${ids.length} deletes, of ${events} events,`;
}

/** Why these deletes are too many; null = they are not. */
function tooMany(input: BrakeInput, side: Side): string | null {
  const { live, policy, everywhere = 0 } = input;
  const length = countAs(input, input.deletes[side]);
  const recent = input.recent?.[side] ?? 0;
  const limit = Math.max(policy.least, Math.floor(live * policy.share));
  const together = everywhere + input.deletes.a.length + input.deletes.b.length;
  if (length > 1 && length >= live) return `all ${length} linked ${wordOf(input)} would be deleted`;
  if (length + recent > limit) {
    const before = recent > 0 ? ` after ${recent} in the last 24 hours` : '';
    return `${sayDeletes(input, side)}${before} are more than ${limit} of ${live} linked ${wordOf(input)}`;
  }
  const folder = input.folders?.find((one) => one.side === side && tooManyOf(one, policy));
  if (folder !== undefined)
    return `${folder.deletes} ${input.units === undefined ? 'deletes' : 'deleted events'} are more than ${percent(policy.folderShare)} of the ${folder.live} linked ${wordOf(input)} of one folder`;
  if (together <= policy.everywhere) return null;
  const before = everywhere > 0 ? ` after ${everywhere} in the last 10 minutes in all mailboxes` : '';
  return `${input.deletes[side].length} deletes${before} are more than ${policy.everywhere} in 10 minutes`;
}

function heldDeletes(input: BrakeInput, side: Side): HeldDeletes | null {
  const ids = input.deletes[side];
  const reason = ids.length === 0 ? null : tooMany(input, side);
  return reason === null
    ? null
    : { hash: heldHash(side, ids), side, reason, count: ids.length, linkIds: ids };
}

function heldBlankings(input: BrakeInput): HeldDeletes | null {
  const byField = new Map<string, { side: Side; field: string; ids: string[] }>();
  for (const { linkId, side, field } of input.blankings) {
    const entry = byField.get(`${side} ${field}`) ?? { side, field, ids: [] };
    entry.ids.push(linkId);
    byField.set(`${side} ${field}`, entry);
  }
  const limit = Math.max(input.policy.least, Math.floor(input.live * input.policy.blankShare));
  const worst = [...byField.values()].filter((entry) => countAs(input, entry.ids) > limit);
  const first = worst[0];
  if (first === undefined) return null;
  const ids = [...new Set(worst.flatMap((entry) => entry.ids))];
  return {
    hash: heldHash(first.side, ids),
    side: first.side,
    reason: `"${first.field}" would be emptied on ${first.ids.length} of ${input.live} linked ${wordOf(input)}`,
    count: ids.length,
    linkIds: ids,
  };
}

function isApproved({ approvedHashes, approvedIds }: BrakeInput, held: HeldDeletes): boolean {
  if (approvedHashes.includes(held.hash)) return true;
  return approvedIds !== undefined && held.linkIds.every((id) => approvedIds.has(id));
}

/**
 * Stops mass deletes and mass blankings; everything else of the pass goes on. Pure. A hash that an operator approved
 * lets exactly that set of links through, no other; links approved by name let any part of themselves through.
 */
export function brake(input: BrakeInput): BrakeResult {
  const found = [heldDeletes(input, 'a'), heldDeletes(input, 'b'), heldBlankings(input)].filter(
    (held) => held !== null,
  );
  const waiting = found.filter((held) => !isApproved(input, held));
  const stopped = new Set(waiting.flatMap((held) => held.linkIds));
  return { held: waiting[0] ?? null, stopped, waiting };
}
