/** One entry of a folder's change log. `next` is the index of the subject's next entry, Infinity while there is none. */
export interface Change<T> {
  at: number;
  subject: T;
  removed: boolean;
  /** The ids that clients know the subject by in this folder. */
  id: string;
  immutableId: string;
  next: number;
}

/** A change of an item as it is recorded. `isFirst`: the folder or calendar `containerId` has it for the first time. */
export interface MailboxChange {
  readonly kind: 'contact' | 'event';
  readonly containerId: string;
  readonly id: string;
  readonly immutableId: string;
  readonly changeKey: string;
  readonly removed: boolean;
  readonly isFirst: boolean;
}

export type Tell = ((change: MailboxChange) => void) | undefined;

/** Append-only; a delta token is a position in it, so a round costs what changed and a full round is linear. */
export interface ChangeLog<T> {
  readonly entries: Change<T>[];
  readonly latest: Map<T, number>;
}

export interface ChangePage<I> {
  items: I[];
  /** Where the next page starts; equal to `end` when the round is over. */
  position: number;
}

export const createChangeLog = <T>(): ChangeLog<T> => ({ entries: [], latest: new Map() });

export function appendChange<T>(log: ChangeLog<T>, change: Omit<Change<T>, 'next'>): void {
  const index = log.entries.length;
  const before = log.latest.get(change.subject);
  const previous = before === undefined ? undefined : log.entries[before];
  if (previous !== undefined) previous.next = index;
  log.entries.push({ ...change, next: Number.POSITIVE_INFINITY });
  log.latest.set(change.subject, index);
}

/** End (exclusive) of the entries that happened at or before `cutoff` (ms). */
export function visibleEnd<T>(log: ChangeLog<T>, cutoff: number): number {
  let end = log.entries.length;
  while (end > 0 && (log.entries[end - 1]?.at ?? cutoff) > cutoff) end -= 1;
  return end;
}

/**
 * Items of the subjects of [position, end), each at its last entry before `end`: as many subjects as fit into `size` items,
 * at least one. `render` gives the items of a subject, none where it is not told.
 */
export function changePage<T, I>(
  log: ChangeLog<T>,
  range: { position: number; end: number; size: number; render(change: Change<T>): readonly I[] },
): ChangePage<I> {
  const items: I[] = [];
  let position = range.position;
  while (position < range.end) {
    const change = log.entries[position];
    const told = change !== undefined && change.next >= range.end ? range.render(change) : [];
    if (told.length > 0 && items.length > 0 && items.length + told.length > range.size) break;
    items.push(...told);
    position += 1;
  }
  return { items, position };
}
