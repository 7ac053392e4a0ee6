import { isDeepStrictEqual } from 'node:util';
import { isAdapterError, type SyncState } from '@tidelock/core';
import type { Ask } from '../ask.ts';
import type { MemoryState } from '../memory-state.ts';
import { type Outcome, type Play, schedule } from '../run.ts';
import { CheckFailed } from '../sim.ts';
import type { Repository } from './repository.ts';

/** The check that blames the repository, or the state in memory that it is compared with. */
export const ANSWERS = 'answers';

type Answer = { readonly value: unknown } | { readonly error: unknown };

type Method = (...args: readonly unknown[]) => unknown;

async function answerOf(work: () => unknown): Promise<Answer> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** Errors are told apart by what the engine can see of them. */
function kindOf(error: unknown): string {
  if (isAdapterError(error)) return [error.kind, error.code].filter(Boolean).join(' ');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const SHORT = 600;

function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_, item) => (item instanceof Map ? { map: [...item] } : item)) ?? 'undefined';
  return text.length > SHORT ? `${text.slice(0, SHORT)}...` : text;
}

const shown = (answer: Answer): string =>
  'error' in answer ? `refuses: ${kindOf(answer.error)}` : show(answer.value);

function same(expected: Answer, given: Answer): boolean {
  if ('error' in expected || 'error' in given)
    return 'error' in expected && 'error' in given && kindOf(expected.error) === kindOf(given.error);
  return isDeepStrictEqual(expected.value, given.value);
}

/** Asks both, and lets the repository answer. */
async function askBoth(repository: Repository, state: MemoryState, asked: Ask): Promise<Answer> {
  if (asked.method === 'restart') {
    await repository.restart();
    return { value: undefined };
  }
  const { method, args } = asked;
  const expected = await answerOf(() => state.callSync(method, args));
  const { sync } = repository;
  const given = await answerOf(() => (sync[method as keyof SyncState] as Method).apply(sync, [...args]));
  if (same(expected, given)) return given;
  const detail = `${method} ${show(args)}\n  memory      ${shown(expected)}\n  repository  ${shown(given)}`;
  return { error: new CheckFailed(ANSWERS, detail) };
}

/**
 * One schedule over a repository that stores nothing yet. The engine gets the repository's answers; the state in memory
 * goes along, is asked the same, and has to answer the same: what the checks see in it is what the repository holds.
 */
export async function runOn(repository: Repository, play: Play): Promise<Outcome> {
  const { sim, work } = schedule(play, true);
  let step = work.next();
  while (!step.done) {
    sim.count('answers compared');
    const answer = await askBoth(repository, sim.state, step.value);
    step = 'error' in answer ? work.throw(answer.error) : work.next(answer.value);
  }
  return step.value;
}
