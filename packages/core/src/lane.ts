import type { Side } from './link.ts';

/**
 * An undo that began and has not come to its end. Stored before its first write: whoever has the lane next carries it out
 * to the end, as the same run.
 */
export interface UndoOrder {
  readonly runId: string;
  /** What is taken back: a run, a period (milliseconds since the epoch), pairs, or a mixture. */
  readonly target: {
    readonly runId?: string | undefined;
    readonly since?: number | undefined;
    readonly linkIds?: readonly string[] | undefined;
  };
  readonly mode: 'hold' | 'revert-source' | 'detach';
  /** Pairs of which a record may be deleted: the brake let them through, or a person approved them. */
  readonly deletes: readonly string[];
  /** It was asked to stop: only a person goes on with it. */
  readonly stopped: boolean;
}

/** Why no pass writes for a lane: a person, or an undo, stopped it until a person resumes it. */
export interface LanePause {
  /** Who: a user of the machine, or what stopped it by itself. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** For people; may be empty. */
  readonly reason: string;
  /** Configuration that it holds under: another one ends the pause. `null` = only a person does. */
  readonly under: string | null;
  /** The undo that it stands for, while that is under way. */
  readonly undo?: UndoOrder | undefined;
}

/** The unit of mutual exclusion: one mailbox x one kind of record x one CRM connection. */
export interface LaneSpec {
  readonly id: string;
  readonly tenantId: string;
  /** Store keys of the two sides: feeds are shared between lanes with the same store key. */
  readonly storeA: string;
  readonly storeB: string;
  readonly label: string;
}

export interface LaneRow extends LaneSpec {
  readonly fence: number;
  readonly leaseOwner: string | null;
  readonly leaseUntil: number;
  /** Bumped by every hint and fan-out; `doneSeq` is the value the last pass started from. */
  readonly dirtySeq: number;
  readonly doneSeq: number;
  readonly dueAt: number;
  /** Hash over folders, filter and mapping that the present links were made under. */
  readonly scopeHash: string | null;
  readonly held: HeldDeletes | null;
  /** What operators approved, newest last: the last fifty. */
  readonly approved: readonly ApprovedDeletes[];
  readonly lastOkAt: number | null;
  readonly errorKind: string | null;
  readonly errorCount: number;
  /** Passes leave the lane alone, and everything keeps: cursors stay, hints and the notes of shared feeds are counted. */
  readonly paused: LanePause | null;
}

/** Deletes (or blankings) that the brake stopped, waiting for approval of their hash. */
export interface HeldDeletes {
  readonly hash: string;
  readonly side: Side;
  readonly reason: string;
  readonly count: number;
  readonly linkIds: readonly string[];
}

/** Held deletes that a person let go. Each of these pairs may go, however many of them are left. */
export interface ApprovedDeletes {
  readonly hash: string;
  /** Pairs that were held under it when it was approved; empty where nothing was held under it then. */
  readonly linkIds: readonly string[];
  /** When it was approved, milliseconds since the epoch. */
  readonly at: number;
}

/** An approval is about what a person saw: a week later nobody remembers, and it counts no more (milliseconds). */
export const APPROVAL_LIFE_MS = 7 * 86_400_000;

/** Those that still count. */
export const standing = (approved: readonly ApprovedDeletes[], now: number): readonly ApprovedDeletes[] =>
  approved.filter(({ at }) => now - at < APPROVAL_LIFE_MS);

/** Approvals that a lane keeps. */
export const APPROVALS_KEPT = 50;

/** What is approved once `hash` is too; `held`: what is held at present. Pure: every state store keeps the same. */
export function withApproval(
  approved: readonly ApprovedDeletes[],
  of: { readonly hash: string; readonly held: HeldDeletes | null; readonly now: number },
): readonly ApprovedDeletes[] {
  const { hash, held, now } = of;
  const others = approved.filter((one) => one.hash !== hash);
  const before = approved.find((one) => one.hash === hash)?.linkIds ?? [];
  const linkIds = held?.hash === hash ? held.linkIds : before;
  return [...others, { hash, linkIds, at: now }].slice(-APPROVALS_KEPT);
}

export interface FeedRow {
  /** `${store}/${key}` */
  readonly id: string;
  readonly store: string;
  readonly side: Side;
  readonly key: string;
  /** `null` = start a full enumeration. */
  readonly cursor: string | null;
  /** Generation of the running or last full enumeration. */
  readonly gen: number;
  /** A full enumeration is running; `cursor` holds its position. */
  readonly scanning: boolean;
  readonly scopeHash: string | null;
  readonly fence: number;
  readonly leaseUntil: number;
  readonly leaseOwner: string | null;
  /** Hash of the last page, or the reader's own note about it. */
  readonly pageHash: string | null;
  /** When the last full enumeration ended (`now` of the commit that ended it); null = none did. */
  readonly scannedAt: number | null;
  /** When it is to be read next, milliseconds since the epoch; 0 = at once. Whoever reads it with its lane alone takes no notice. */
  readonly dueAt: number;
}

/** How several lanes are, in numbers. */
export interface LaneSums {
  readonly lanes: number;
  readonly paused: number;
  /** The brake holds deletes of theirs. */
  readonly held: number;
  /** Of those that are not paused: the last pass failed. */
  readonly failing: number;
  /** Of those: never in step yet. */
  readonly fresh: number;
  /** Of those: the last time in step is before the instant that was asked for. */
  readonly late: number;
  /** Of those: the time in step that is longest ago; null = none ever was. */
  readonly oldestOkAt: number | null;
}
