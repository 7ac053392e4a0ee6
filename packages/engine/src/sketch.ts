import type { Link, LinkPut, Review, Side } from '@tidelock/core';
import type { Score } from './features.ts';

/**
 * What a preview concludes, and forgets when it ends: pairs, verdicts, questions. It lies over the state like a sheet
 * of tracing paper: reads see it, nothing of it is stored.
 */
export interface Sketch {
  /** Links as they would be stored, by id. */
  readonly links: ReadonlyMap<string, Link>;
  readonly reviews: readonly Review[];
  /** Why two records were paired, by link. */
  readonly matches: ReadonlyMap<string, Score>;
  put(of: LinkPut): void;
  ask(review: Review): void;
  pair(linkId: string, score: Score): void;
  /** Links in the sketch whose record on `side` has one of these ids. */
  byNative(side: Side, ids: readonly string[]): readonly Link[];
  /** An independent sketch that starts from this one. */
  copy(): Sketch;
}

const SIDES = ['a', 'b'] as const;

const marked = (link: Link, side: Side): Link =>
  side === 'a'
    ? { ...link, dirtyA: Math.max(link.dirtyA, link.cleanA) + 1 }
    : { ...link, dirtyB: Math.max(link.dirtyB, link.cleanB) + 1 };

interface Content {
  readonly links: Map<string, Link>;
  readonly reviews: Map<string, Review>;
  readonly matches: Map<string, Score>;
  readonly natives: Map<string, Set<string>>;
}

const copyOf = (of: Content): Content => ({
  links: new Map(of.links),
  reviews: new Map(of.reviews),
  matches: new Map(of.matches),
  natives: new Map([...of.natives].map(([key, ids]) => [key, new Set(ids)])),
});

function over(content: Content): Sketch {
  const { links, reviews, matches, natives } = content;
  return {
    links,
    get reviews() {
      return [...reviews.values()];
    },
    matches,
    put({ link, mark }) {
      const next = (mark ?? []).reduce(marked, link);
      links.set(link.id, next);
      for (const side of SIDES) {
        const id = next[side]?.id;
        if (id === undefined) continue;
        const key = side + id;
        natives.set(key, (natives.get(key) ?? new Set()).add(link.id));
      }
    },
    ask: (review) => void reviews.set(review.id, review),
    pair: (linkId, score) => void matches.set(linkId, score),
    byNative(side, ids) {
      const found = new Set(ids.flatMap((id) => [...(natives.get(side + id) ?? [])]));
      const wanted = new Set(ids);
      return [...found].flatMap((linkId) => {
        const link = links.get(linkId);
        return link !== undefined && wanted.has(link[side]?.id ?? '') ? [link] : [];
      });
    },
    copy: () => over(copyOf(content)),
  };
}

export const createSketch = (): Sketch =>
  over({ links: new Map(), reviews: new Map(), matches: new Map(), natives: new Map() });

/** Id of a link that exists in a sketch only. The same record always gets the same one, so plans can be compared. */
export const sketchedId = (side: Side, id: string): string => `new:${side}:${id}`;
export const isSketched = (linkId: string): boolean => linkId.startsWith('new:');
