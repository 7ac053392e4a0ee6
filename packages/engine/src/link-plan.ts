import type { ConflictRow, Fields, Link, Quarantine, Side, SideRef, StoreRecord } from '@tidelock/core';
import { shortHash } from './features.ts';
import type { CompiledMapping } from './lens.ts';
import type { FieldChange } from './merge-draft.ts';
import type { LanePolicy } from './policy.ts';

/** What is known about one side of a link when it is planned. */
export type Seen =
  /** Not reported since the pair agreed: still shows its base. */
  | { readonly state: 'unchanged' }
  | { readonly state: 'found'; readonly record: StoreRecord }
  | { readonly state: 'gone' }
  /** `rule`: which rule of the lane it does not meet; absent = the store itself says that it is outside. */
  | { readonly state: 'out'; readonly record?: StoreRecord | undefined; readonly rule?: string };

export type PlanAction = 'none' | 'create' | 'update' | 'delete' | 'freeze' | 'tomb' | 'unlink' | 'wait';

export interface PlannedWrite {
  readonly side: Side;
  readonly op: 'create' | 'update' | 'delete';
  /** Native properties. */
  readonly patch: Fields;
  /** Canonical values sent, and what the target showed before; what the source showed where it is the source. */
  readonly sent: Fields;
  readonly before: Fields;
  readonly source: Fields;
  /** Target as read; null for creates. */
  readonly target: StoreRecord | null;
  readonly inc: number;
  /** Of an update. What a create changes is all that it sends: `changesOf`. */
  readonly changes: readonly FieldChange[];
  readonly conflicts: readonly ConflictRow[];
}

/** Field by field; of a create told when somebody asks, because of thousands of them nobody does. */
export function changesOf({ op, side, sent, changes }: PlannedWrite): readonly FieldChange[] {
  if (op !== 'create') return changes;
  return Object.entries(sent).map(([field, value]) => ({ field, to: side, old: null, new: value, rule: op }));
}

export interface LinkPlan {
  readonly link: Link;
  readonly action: PlanAction;
  readonly writes: readonly PlannedWrite[];
  /** The link as it is to be stored now, before any write is confirmed. */
  readonly next: Link;
  /** Sides that must be read before the plan may be executed. */
  readonly reads: readonly Side[];
  readonly rule: string;
  /** Fields whose edit stays on its side, because the other side's record cannot be changed. Absent = none. */
  readonly closed?: readonly string[];
  /** Writes were taken out because people would get mail: what the pair waits with once the others are made. */
  readonly withheld?: Quarantine;
}

/** Fields in which a side shows a late write of our own (rule Z). */
export type LateFields = Readonly<Partial<Record<Side, ReadonlySet<string>>>>;

export interface PlanContext {
  readonly mapping: CompiledMapping;
  readonly policy: LanePolicy;
  /** Wall clock, milliseconds. */
  readonly now: number;
  readonly late?: LateFields | undefined;
  /** How far behind an answer of each side may be, in milliseconds; absent = answers are never stale. */
  readonly lagMs?: Readonly<Record<Side, number>>;
  /** Sides whose store sends mail to people; absent = neither does. */
  readonly notifies?: readonly Side[];
}

/** How the rule of a frozen pair begins; what follows names the rule that it did not meet. */
export const LEFT_SCOPE = 'left the scope';

export const SIDES = ['a', 'b'] as const;
export const otherSide = (side: Side): Side => (side === 'a' ? 'b' : 'a');
export const refOf = (link: Link, side: Side): Link['a'] => (side === 'a' ? link.a : link.b);
export const shownOf = (link: Link, side: Side): Fields | null => (side === 'a' ? link.shownA : link.shownB);

/** The two go their own ways: nothing is planned for the pair, and what is reported of its records is not followed. */
export const isParted = ({ status }: Link): boolean => status === 'merged' || status === 'detached';

/** The newest that feeds have shown of this side. */
export const seenOn = (link: Link, side: Side): string => (side === 'a' ? link.seenA : link.seenB);

/** The link with both sides counted as looked at. */
export function asClean(link: Link): Link {
  return { ...link, cleanA: link.dirtyA, cleanB: link.dirtyB };
}

/** A plan without writes: the link is stored as `next`. */
export function nothing(link: Link, next: Link, of: { rule: string; action?: PlanAction }): LinkPlan {
  return { link, action: of.action ?? 'none', writes: [], next, reads: [], rule: of.rule };
}

/** A provisional plan: these sides must be read first. */
export function needs(
  link: Link,
  reads: readonly Side[],
  of: { rule: string; action?: PlanAction },
): LinkPlan {
  return { link, action: of.action ?? 'wait', writes: [], next: link, reads, rule: of.rule };
}

/** The pair ends, or rests, in a state in which nothing is written any more. */
export function ended(
  link: Link,
  status: 'tomb' | 'detached' | 'out',
  of: { rule: string; action: PlanAction },
): LinkPlan {
  return nothing(link, { ...asClean(link), status, goneA: false, goneB: false }, of);
}

/** One of the two is outside: the pair rests as it is until both are inside again. Frozen already, it stays so. */
export function frozen(link: Link, seen: Readonly<Record<Side, Seen>>): LinkPlan {
  const rules = SIDES.flatMap((side) => {
    const at = seen[side];
    return at.state === 'out' ? [at.rule ?? ''] : [];
  });
  const why = rules.find((rule) => rule !== '');
  const rule = why === undefined ? LEFT_SCOPE : `${LEFT_SCOPE}: ${why}`;
  return ended(link, 'out', { rule, action: link.status === 'out' ? 'none' : 'freeze' });
}

/** The reference with the version that was just read, also of a record outside the scope. */
export function refNow(ref: Link['a'], seen: Seen): Link['a'] {
  const record = seen.state === 'found' || seen.state === 'out' ? seen.record : undefined;
  if (ref === null || record === undefined) return ref;
  const now = { ...ref, ...inContainer(record), version: record.version, mono: record.mono };
  return withClosed(now, record);
}

/** Remembers that only somebody else can change the record: what becomes of its pair depends on it once it is gone. */
export function withClosed(
  ref: SideRef,
  { writable, derived }: Pick<StoreRecord, 'writable' | 'derived'>,
): SideRef {
  if (writable === false && derived !== true) return { ...ref, closed: true };
  if (ref.closed === undefined) return ref;
  const { closed: _, ...open } = ref;
  return open;
}

/** Native names of folders are long, and stand in every link: a hash tells them apart. */
export const inContainer = ({ container }: Pick<StoreRecord, 'container'>): Pick<SideRef, 'container'> =>
  container === undefined ? {} : { container: shortHash(container) };
