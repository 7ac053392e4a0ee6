import type { Side } from '@tidelock/core';
import { assign, weightOf } from './assignment.ts';
import { type Features, type Score, scorePair } from './features.ts';

export const LINK_AT = 75;
export const REVIEW_AT = 50;
/** Best and second-best assignment must differ by this much, else a person decides. */
const CLEAR_MARGIN = 10;
const MAX_COMPONENT = 50;

export interface Candidate {
  readonly id: string;
  readonly features: Features;
  /** Milliseconds since the epoch; older first breaks ties. */
  readonly createdAt: number;
  /** Already half of a live pair: it can only be a duplicate's other half, never linked again. */
  readonly linked: boolean;
}

export interface Matched {
  readonly a: string;
  readonly b: string;
  readonly score: Score;
}

export interface Doubt {
  readonly kind: 'match' | 'duplicate';
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly score: Score;
}

export interface MatchResult {
  readonly links: readonly Matched[];
  readonly doubts: readonly Doubt[];
  /** Free records that match nothing: to be created on the other side. */
  readonly alone: readonly { readonly side: Side; readonly id: string }[];
}

export type PairDecision = 'link' | 'separate';
export const pairKey = (a: string, b: string): string => `${a}\u0000${b}`;

interface Edge {
  readonly a: Candidate;
  readonly b: Candidate;
  readonly score: Score;
}

const byAge = (x: Candidate, y: Candidate): number => x.createdAt - y.createdAt || (x.id < y.id ? -1 : 1);

function edgeOf(a: Candidate, b: Candidate, decision: PairDecision | undefined): Edge | null {
  if ((a.linked && b.linked) || decision === 'separate') return null;
  if (decision === 'link') return { a, b, score: { points: 1000, reasons: ['decided by a person'] } };
  const score = scorePair(a.features, b.features);
  return score.points >= REVIEW_AT ? { a, b, score } : null;
}

function edgesOf(
  left: readonly Candidate[],
  right: readonly Candidate[],
  decided: ReadonlyMap<string, PairDecision>,
): Edge[] {
  return left.flatMap((a) => right.flatMap((b) => edgeOf(a, b, decided.get(pairKey(a.id, b.id))) ?? []));
}

/** Weight of the best assignment that differs from `best` in at least one pair. */
function secondBest(weights: readonly (readonly number[])[], best: readonly number[]): number {
  let second = 0;
  best.forEach((column, row) => {
    if (column < 0) return;
    const without = weights.map((line, i) =>
      i === row ? line.map((value, j) => (j === column ? 0 : value)) : line,
    );
    second = Math.max(second, weightOf(without, assign(without)));
  });
  return second;
}

const doubtOf = (kind: Doubt['kind'], edges: readonly Edge[]): Doubt => {
  const top = edges.reduce((best, edge) => (edge.score.points > best.score.points ? edge : best));
  return {
    kind,
    a: [...new Set(edges.map((edge) => edge.a.id))],
    b: [...new Set(edges.map((edge) => edge.b.id))],
    score: top.score,
  };
};

interface Solution {
  readonly links: readonly Edge[];
  readonly ambiguous: boolean;
}

function solve(free: readonly Edge[]): Solution {
  const left = [...new Set(free.map((edge) => edge.a))].sort(byAge);
  const right = [...new Set(free.map((edge) => edge.b))].sort(byAge);
  if (left.length + right.length > MAX_COMPONENT) return { links: [], ambiguous: true };
  const find = new Map(free.map((edge) => [pairKey(edge.a.id, edge.b.id), edge]));
  const weights = left.map((a) => right.map((b) => find.get(pairKey(a.id, b.id))?.score.points ?? 0));
  const best = assign(weights);
  const clear =
    left.length === 1 && right.length === 1
      ? true
      : weightOf(weights, best) - secondBest(weights, best) >= CLEAR_MARGIN;
  const links = best.flatMap((column, row) => {
    const edge = find.get(pairKey(left[row]?.id ?? '', right[column]?.id ?? ''));
    return edge ? [edge] : [];
  });
  return { links, ambiguous: !clear };
}

/** Splits a candidate set into connected components over its edges. */
function componentsOf(edges: readonly Edge[]): readonly (readonly Edge[])[] {
  const parent = new Map<string, string>();
  const root = (key: string): string => {
    let at = key;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const { a, b } of edges) {
    const [x, y] = [root(`a${a.id}`), root(`b${b.id}`)];
    parent.set(x, x);
    parent.set(y, x);
  }
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const key = root(`a${edge.a.id}`);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()];
}

/**
 * Pairs records of two sides one to one. Doubtful pairs go to a person and are never created. Pure and deterministic:
 * the order of the input does not matter.
 */
export function matchRecords(
  left: readonly Candidate[],
  right: readonly Candidate[],
  decided: ReadonlyMap<string, PairDecision>,
): MatchResult {
  const edges = edgesOf(left, right, decided);
  const links: Matched[] = [];
  const doubts: Doubt[] = [];
  const settled = new Set<string>();
  const doubt = (kind: Doubt['kind'], of: readonly Edge[]): void => {
    doubts.push(doubtOf(kind, of));
    for (const edge of of) settled.add(`a${edge.a.id}`).add(`b${edge.b.id}`);
  };
  for (const component of componentsOf(edges.filter((edge) => !edge.a.linked && !edge.b.linked))) {
    const solution = solve(component);
    if (solution.ambiguous) {
      doubt('match', component);
      continue;
    }
    for (const edge of solution.links) {
      if (edge.score.points < LINK_AT) doubt('match', [edge]);
      else {
        links.push({ a: edge.a.id, b: edge.b.id, score: edge.score });
        settled.add(`a${edge.a.id}`).add(`b${edge.b.id}`);
      }
    }
    const left = component.filter((edge) => !settled.has(`a${edge.a.id}`) || !settled.has(`b${edge.b.id}`));
    for (const edge of left) doubt('duplicate', [edge]);
  }
  for (const edge of edges.filter((edge) => edge.a.linked || edge.b.linked)) {
    const free = edge.a.linked ? `b${edge.b.id}` : `a${edge.a.id}`;
    if (!settled.has(free)) doubt('duplicate', [edge]);
  }
  const alone = [
    ...left
      .filter((node) => !node.linked && !settled.has(`a${node.id}`))
      .map((node) => ({ side: 'a' as const, id: node.id })),
    ...right
      .filter((node) => !node.linked && !settled.has(`b${node.id}`))
      .map((node) => ({ side: 'b' as const, id: node.id })),
  ];
  return { links, doubts, alone };
}
