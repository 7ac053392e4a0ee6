import type { Core, PassReport } from '@tidelock/engine';
import { CheckFailed, type Sim } from './sim.ts';
import { type Fork, inline, type Thread, type Worker } from './worker.ts';

type Stop = { readonly effect: NonNullable<Worker['pending']> } | { readonly parts: readonly Core<void>[] };

/** Resumes a generator up to its next effect that is not answered here, or to its end. */
function resume(sim: Sim, thread: Thread): Stop | { readonly ended: unknown } {
  const { core } = thread;
  let { answer } = thread;
  thread.answer = null;
  for (;;) {
    const step =
      answer === null ? core.next() : 'error' in answer ? core.throw(answer.error) : core.next(answer.value);
    if (step.done) return { ended: step.value };
    const { value } = step;
    if (value.kind === 'state' || value.kind === 'store') return { effect: value };
    if (value.kind === 'fork') return { parts: value.parts };
    answer = inline(sim, value);
  }
}

/** One of the parts goes on; null = one has ended. */
function nextOfFork(sim: Sim, worker: Worker, fork: Fork): Worker['pending'] {
  const thread = fork.running[sim.tape.choice(fork.running.length)];
  if (thread === undefined) return null;
  worker.turn = thread;
  try {
    const at = resume(sim, thread);
    if ('effect' in at) return at.effect;
    if ('parts' in at) throw new CheckFailed('throws', 'parts of parts');
  } catch (error) {
    if (error instanceof CheckFailed) throw error;
    fork.failed ??= { error };
  }
  fork.running.splice(fork.running.indexOf(thread), 1);
  return null;
}

/** Do the parts go on before the pass does? Always, but for the mutant that forgets to wait for them. */
function partsGoOn(sim: Sim, main: Thread, fork: Fork): boolean {
  if (fork.running.length === 0) return false;
  if (sim.settings.mutant !== 'join' || sim.tape.choice(2) === 0) return true;
  if (fork.left !== true) main.answer = { value: undefined };
  fork.left = true;
  return false;
}

function endFork(worker: Worker, main: Thread, fork: Fork): void {
  if (fork.left !== true) main.answer = fork.failed ?? { value: undefined };
  if (fork.running.length === 0) worker.fork = null;
}

/** The next effect that touches the world; null = the round has ended. */
export function nextEffect(sim: Sim, worker: Worker): Worker['pending'] {
  const { main } = worker;
  while (main !== null) {
    const { fork } = worker;
    if (fork !== null && partsGoOn(sim, main, fork)) {
      const effect = nextOfFork(sim, worker, fork);
      if (effect !== null) return effect;
      continue;
    }
    if (fork !== null) endFork(worker, main, fork);
    worker.turn = main;
    const at = resume(sim, main);
    if ('effect' in at) return at.effect;
    if ('parts' in at) {
      sim.count('parts side by side');
      worker.fork = { running: at.parts.map((core) => ({ core, answer: null })), failed: null };
      continue;
    }
    const report = at.ended as PassReport | null;
    worker.last = report;
    worker.main = null;
    sim.note(() => `w${worker.index} ends: ${report?.status} ${JSON.stringify(report?.counts)}`);
    return null;
  }
  return null;
}
