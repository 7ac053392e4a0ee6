import type { Fields, Intent, RunRow, Write } from '@tidelock/core';
import { audienceOf, invited } from './calendar.ts';
import type { ModelStore } from './model-store.ts';
import type { WorldOptions } from './options.ts';
import { CheckFailed, type Sim } from './sim.ts';

/** Without mail that anybody may get, a schedule counts under its policy alone. */
export const mailName = ({ mail, mailBudget }: WorldOptions): string =>
  mail === 'send' ? `send, budget ${mailBudget}` : mail;

const isDone = ({ kind, endedAt, stopReason, counts }: RunRow): boolean =>
  kind === 'sync' && endedAt !== null && stopReason === null && (counts.leftOver ?? 1) === 0;

/** Nobody but under `send`, and nobody in a first sync, which lasts until one run has left nothing over (0521). */
function allowedNow({ options, state }: Sim, laneId: string): number {
  if (options.mail !== 'send') return 0;
  const runs = [...state.tables.runs.values()].filter((run) => run.laneId === laneId);
  return runs.some(isDone) ? options.mailBudget : 0;
}

/** Somebody else may have closed it meanwhile: whoever was paused in front of the send sends it all the same (row 18). */
function intentOf(sim: Sim, store: ModelStore, write: Write): Intent | undefined {
  const target = write.op === 'create' ? `stamp:${write.stamp}` : write.id;
  const mine = [...sim.state.tables.intents.values()].filter(
    (intent) => intent.store === store.name && intent.targetId === target && intent.op === write.op,
  );
  return mine.find(({ state }) => state === 'open') ?? mine.at(-1);
}

/** Notes, when it is sent, which run a request of a mailbox belongs to: it may land when nobody knows of it any more. */
export function notePost(sim: Sim, store: ModelStore, writes: readonly Write[]): void {
  if (store === sim.b || sim.settings.events !== true) return;
  for (const write of writes) {
    const intent = intentOf(sim, store, write);
    if (intent === undefined) continue;
    const allowed = allowedNow(sim, intent.laneId);
    sim.post.senders.set(write, { run: intent.runId, intent: intent.id, allowed });
  }
}

/**
 * Counts what the service really sends, by what the record shows when the write takes effect. Whoever is invited while a
 * request is on its way is reached by it, and where the store compares no versions no sender can know (rows 17 and 18, R1 of
 * 9.6); those it was read with count. `blind`: a write that nobody compared with what it was read on.
 */
export function countMail(
  sim: Sim,
  of: {
    readonly store: ModelStore;
    readonly write: Write;
    readonly before: Fields;
    readonly after: Fields;
    readonly blind?: boolean;
  },
): void {
  if (of.store === sim.b || sim.settings.events !== true) return;
  const reached = new Set([...invited(of.before), ...invited(of.after)]);
  const known = of.blind === true ? audienceOf(of.write) : [...reached];
  const people = known.filter((email) => reached.has(email));
  if (people.length === 0) return;
  const { run, intent, allowed } = sim.post.senders.get(of.write) ?? { run: '', intent: '', allowed: 0 };
  const book = sim.post.reached.get(run) ?? { allowed, by: new Map<string, Set<string>>() };
  sim.post.reached.set(run, book);
  book.by.set(intent, new Set([...(book.by.get(intent) ?? []), ...people]));
  people.forEach(() => void sim.count('mail sent'));
}

/** Nobody got mail that policy and budget do not let go; `ask` is never answered here. */
export function checkPost(sim: Sim): void {
  for (const [run, { allowed, by }] of sim.post.reached) {
    const people = [...by.values()].reduce((sum, { size }) => sum + size, 0);
    if (people > allowed)
      throw new CheckFailed(
        'S12',
        `${people} people got mail because of run ${run}, under "${mailName(sim.options)}" ${allowed} may`,
      );
  }
}

const WOULD_NOTIFY = /would notify (\d+) pe/;

/** What a pass has withheld, by what it says of it. */
export function noteWithheld(sim: Sim, rule: string): void {
  const people = Number(WOULD_NOTIFY.exec(rule)?.[1] ?? 0);
  if (people > 0) sim.count('mail withheld: writes');
  for (let n = 0; n < people; n++) sim.count('mail withheld: people');
}
