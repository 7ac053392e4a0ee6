import type { Mark, Side } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import { hear } from './heard.ts';
import type { Lane } from './lane.ts';
import { leftOut } from './left-out.ts';
import { seenOn } from './link-plan.ts';
import type { NewSuspect, Reader } from './observe.ts';
import { DOUBTED_AT } from './page-notes.ts';
import { emptyAt, type Position, SCOPE_FEED, scopeToStore } from './scan.ts';
import { waitingHere } from './waiting-here.ts';

const UNSEEN_CHUNK = 500;

/** Records without a link that the enumeration has met. */
function* metUnknown(lane: Lane, side: Side): Core<Set<string>> {
  const waiting = yield* waitingHere(lane, side, ['unknown']);
  return new Set([...waiting.values()].flatMap(({ id, at }) => (at === DOUBTED_AT ? [] : [id])));
}

const unseenBy = (reader: Reader, at: Position, limit: number) =>
  ({ by: 'unseen', side: reader.side, gen: at.gen, limit }) as const;

/**
 * Mark and sweep: links that the finished enumeration did not meet become suspects. Nothing is deleted by this; where
 * the scope was changed, nothing is deleted after it either. A record that it met before its pair was known (the create
 * was of unknown outcome then) waits as an unknown one, and was met all the same.
 */
export function* sweep(reader: Reader, at: Position): Core<void> {
  for (const lane of reader.lanes) {
    const before = yield* leftOut(lane, reader.side);
    let met: ReadonlySet<string> | null = null;
    for (;;) {
      const unseen = yield* state('links', lane.spec.id, unseenBy(reader, at, UNSEEN_CHUNK));
      if (unseen.length === 0) break;
      met ??= yield* metUnknown(lane, reader.side);
      const wall = yield* now();
      const refs = unseen.flatMap((link) => {
        const ref = reader.side === 'a' ? link.a : link.b;
        return ref === null ? [] : [{ link, ref }];
      });
      const suspects = refs.flatMap(({ link, ref }): NewSuspect[] => {
        if (met?.has(ref.id)) return [];
        const base = { side: reader.side, id: ref.id, why: 'missing', at: wall } as const;
        if (!at.moved && !before.has(ref.id)) return [{ ...base, feed: reader.feed.key, mono: '' }];
        return [{ ...base, feed: SCOPE_FEED, mono: seenOn(link, reader.side) }];
      });
      const marks = refs.map(
        ({ link }): Mark => ({ side: reader.side, linkId: link.id, kind: 'clean', gen: at.gen }),
      );
      const notes = [{ laneId: lane.spec.id, marks, suspects }];
      yield* state('commitObservations', {
        feed: reader.feed.id,
        fence: at.fence,
        cursor: at.cursor,
        gen: at.gen,
        scanning: true,
        scopeHash: scopeToStore(at, reader.scopeHash),
        pageHash: at.doubted === null ? null : emptyAt(at.doubted),
        now: wall,
        lanes: notes,
      });
      if (reader.heard) hear(reader.heard, notes);
    }
  }
}

/** Whether links of this side are known that the enumeration has not met. */
export function* missesLinks(reader: Reader, at: Position): Core<boolean> {
  for (const lane of reader.lanes) {
    if ((yield* state('links', lane.spec.id, unseenBy(reader, at, 1))).length > 0) return true;
  }
  return false;
}
