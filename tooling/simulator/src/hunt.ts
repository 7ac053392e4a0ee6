import { MUTANTS } from './mutants.ts';
import type { Settings } from './options.ts';
import { type Outcome, runSchedule } from './run.ts';
import { seededTape } from './tape.ts';

/** Schedules within which a mutant has to be noticed when the command does not say otherwise. */
export const BUDGET = 2_000;
/** Schedules that one thread plays of a mutant before it looks for the next. */
const SHARE = 10;

export interface Hunt {
  readonly name: string;
  readonly from: number;
  /** Absent = the common budget. */
  readonly budget?: number | undefined;
  readonly settings: Settings;
  /** A seed that killed it before: it is played first. */
  readonly known?: number | undefined;
}

export interface Kill {
  readonly name: string;
  readonly rule: string;
  readonly budget: number;
  /** A seed on which the rule's removal is noticed and the engine itself is not at fault; null = it survives. */
  readonly seed: number | null;
  /** The check that noticed it, and what it said. */
  readonly check: string | null;
  readonly detail: string;
  /** Schedules without the rule that it took. */
  readonly played: number;
  /** The seed that killed it before kills it no more. */
  readonly stale: boolean;
}

/** Seeds of one mutant, in a row. */
export interface Share {
  readonly name: string;
  readonly from: number;
  readonly seeds: number;
  readonly settings: Settings;
}

export interface Found {
  readonly seed: number;
  readonly check: string;
  readonly detail: string;
}

/** The world in which a mutant is hunted: where its rule matters, and with what brings it about. */
export function worldOf(name: string, given: Settings): Settings {
  const { lanes = 1, events } = MUTANTS[name] ?? {};
  return { ...given, lanes: given.lanes ?? lanes, events: events ?? given.events, workload: name };
}

/**
 * Is this a kill? An error that no check has thrown is none: the mutant may have broken the simulator, and not the engine. Nor is what
 * the engine does with the rule as well.
 */
export function judge(
  seed: number,
  { check, detail }: Pick<Outcome, 'check' | 'detail'>,
  isBlameless: () => boolean,
): Found | null {
  if (check === null || check === 'throws' || !isBlameless()) return null;
  return { seed, check, detail: detail.split('\n')[0] ?? '' };
}

/** What notices on one seed that the rule is gone; null = nothing does. */
export function noticed(name: string, seed: number, given: Settings): Found | null {
  const settings = worldOf(name, given);
  const play = (mutant: string | undefined): Outcome =>
    runSchedule(seededTape(seed), { ...settings, mutant });
  return judge(seed, play(name), () => play(undefined).check === null);
}

export function playShare({ name, from, seeds, settings }: Share): Found | null {
  for (let seed = from; seed < from + seeds; seed++) {
    const found = noticed(name, seed, settings);
    if (found !== null) return found;
  }
  return null;
}

/** The hunt for one mutant, in shares that several threads may play at the same time. Its result is that of one thread. */
export interface Trail {
  /** What is to be played next; null = nothing just now. */
  next(): Share | null;
  /** Shares that are being played. */
  underWay(): number;
  /** Says what came of a share; the kill as soon as it is certain. */
  ended(share: Share, found: Found | null): Kill | null;
}

export function trail({ name, from, budget = BUDGET, settings, known }: Hunt): Trail {
  const under = new Set<Share>();
  const { rule = '' } = MUTANTS[name] ?? {};
  let first: Found | null = null;
  let at = from;
  let asked = known === undefined;
  let stale = false;
  const send = (share: Share): Share => {
    under.add(share);
    return share;
  };
  const kill = (found: Found | null, played: number): Kill => ({
    ...{ name, rule, budget, played, stale },
    ...{ seed: found?.seed ?? null, check: found?.check ?? null, detail: found?.detail ?? '' },
  });
  const last = (): number => first?.seed ?? Number.POSITIVE_INFINITY;
  const replay: Share = { name, from: known ?? 0, seeds: 1, settings };
  const replayed = (found: Found | null): Kill | null => {
    stale = found === null;
    return found === null ? null : kill(found, 1);
  };
  const searched = (found: Found | null): Kill | null => {
    if (found !== null && found.seed < last()) first = found;
    const lower = [...under].some((other) => other.from < last());
    if (lower || (first === null && at < from + budget)) return null;
    return kill(first, (stale ? 1 : 0) + (first === null ? budget : first.seed - from + 1));
  };
  return {
    underWay: () => under.size,
    next() {
      if (!asked) {
        asked = true;
        return send(replay);
      }
      if (under.has(replay) || first !== null || at >= from + budget) return null;
      const seeds = Math.min(SHARE, from + budget - at);
      at += seeds;
      return send({ name, from: at - seeds, seeds, settings });
    },
    ended(share, found) {
      under.delete(share);
      return share === replay ? replayed(found) : searched(found);
    },
  };
}
