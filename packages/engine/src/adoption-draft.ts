import {
  type HistoryRow,
  isAdapterError,
  type LinkPut,
  type Review,
  type Side,
  type Suspect,
} from '@tidelock/core';
import { conclude } from './conclude.ts';
import { type Core, log } from './effect.ts';
import type { Pass } from './lane.ts';

/** What an adoption decides, gathered for one transaction. */
export interface Draft {
  readonly links: LinkPut[];
  readonly settled: Suspect[];
  readonly moved: Suspect[];
  readonly keys: { side: Side; id: string; keys: readonly string[] }[];
  readonly history: HistoryRow[];
  readonly reviews: Review[];
}
export const emptyDraft = (): Draft => ({
  links: [],
  settled: [],
  moved: [],
  keys: [],
  history: [],
  reviews: [],
});

function* commitDraft(pass: Pass, draft: Draft): Core<void> {
  yield* conclude(pass, {
    links: draft.links,
    // Which ones is all that is asked for: the rest of thousands of rows would be sent through the state's thread for nothing.
    settled: draft.settled.map(({ side, id, seq }) => ({ side, id, seq })),
    suspects: draft.moved,
    keys: draft.keys,
    history: draft.history,
    reviews: draft.reviews,
  });
}

/** One link of a draft with the suspects it settles, and nothing else. */
function alone(draft: Draft, put: LinkPut): Draft {
  const mine = ({ side, id }: { side: Side; id: string }): boolean => put.link[side]?.id === id;
  return {
    ...emptyDraft(),
    links: [put],
    settled: draft.settled.filter(mine),
    keys: draft.keys.filter(mine),
  };
}

/**
 * Links are made together; when the state refuses one of them (a record that already stands in another link), each is
 * made by itself and the refused one is left as it was: one record never stops a lane.
 */
export function* commit(pass: Pass, draft: Draft): Core<void> {
  if (draft.links.length + draft.settled.length + draft.moved.length === 0) return;
  try {
    yield* commitDraft(pass, draft);
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'conflict' || draft.links.length === 0) throw error;
    yield* commitDraft(pass, { ...emptyDraft(), moved: draft.moved, reviews: draft.reviews });
    for (const put of draft.links) yield* commitOne(pass, alone(draft, put));
  }
}

function* commitOne(pass: Pass, draft: Draft): Core<void> {
  try {
    yield* commitDraft(pass, draft);
  } catch (error) {
    if (!isAdapterError(error) || error.kind !== 'conflict') throw error;
    yield* log('warn', 'adopt.refused', { lane: pass.lane.spec.id });
  }
}
