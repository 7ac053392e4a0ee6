import type { KnownRecords, Link } from '@tidelock/core';
import type { Effect, Lane } from '@tidelock/engine';
import type { Sim } from './sim.ts';

export type Touching = Extract<Effect, { kind: 'store' | 'state' }>;

/** One rule of the specification, removed. */
export interface Mutant {
  readonly rule: string;
  /** Where the rule matters; absent = one lane. */
  readonly lanes?: number;
  /** It matters to calendars only. */
  readonly events?: true;
  /** Changes what the engine asks. */
  readonly request?: (effect: Touching, sim: Sim) => readonly unknown[];
  /** Changes what it is answered. */
  readonly answer?: (effect: Touching, value: unknown, sim: Sim) => unknown;
  /** Changes what it is told about its lane. */
  readonly lane?: (lane: Lane) => Lane;
}

export const is = (effect: Touching, ...methods: readonly string[]): boolean =>
  methods.includes(effect.method);

export function withFirst<T extends object>(effect: Touching, change: (first: T) => T): readonly unknown[] {
  return [change(effect.args[0] as T), ...effect.args.slice(1)];
}

export const onRequest =
  (methods: readonly string[], change: NonNullable<Mutant['request']>): NonNullable<Mutant['request']> =>
  (effect, sim) =>
    is(effect, ...methods) ? change(effect, sim) : effect.args;

export const onAnswer =
  (methods: readonly string[], change: (value: never, sim: Sim) => unknown): NonNullable<Mutant['answer']> =>
  (effect, value, sim) =>
    is(effect, ...methods) ? change(value as never, sim) : value;

/** Links are answered lane by lane, and for records of all lanes at once. */
export const onLinks =
  (change: (link: Link) => unknown): NonNullable<Mutant['answer']> =>
  (effect, value) => {
    if (is(effect, 'links')) return (value as readonly Link[]).map(change);
    if (!is(effect, 'knownRecords')) return value;
    return (value as readonly KnownRecords[]).map((lane) => ({ ...lane, links: lane.links.map(change) }));
  };
