import type { Settings } from './options.ts';
import { type Outcome, runSchedule } from './run.ts';
import { fromSparse, replayTape, type SparseTape, toSparse } from './tape.ts';

export interface Shrunk {
  readonly tape: SparseTape;
  readonly outcome: Outcome;
  readonly tried: number;
}

/** Smaller tapes on which the same check still fails: cut short, chunks zeroed, values halved. */
export function shrink(start: Outcome, settings: Settings, budget = 4_000): Shrunk {
  let tape: SparseTape = toSparse(start.choices);
  let outcome = start;
  let tried = 0;
  /** With a rule removed, the schedule must still be one that the engine itself survives. */
  const blameless = (candidate: SparseTape): boolean =>
    settings.mutant === undefined ||
    runSchedule(replayTape(fromSparse(candidate)), { ...settings, mutant: undefined }).check === null;
  const attempt = (candidate: SparseTape): boolean => {
    if (tried >= budget || candidate.length > tape.length) return false;
    tried++;
    const result = runSchedule(replayTape(fromSparse(candidate)), settings);
    if (result.check !== start.check || !blameless(candidate)) return false;
    tape = candidate;
    outcome = result;
    return true;
  };
  /** Takes choices out altogether, so that what follows moves up. */
  const cut = (): void => {
    for (let size = 256; size >= 4; size /= 4) {
      for (let at = 0; at < (tape.at(-1)?.[0] ?? 0); at += size) {
        const raw = fromSparse(tape);
        raw.splice(at, size);
        attempt(toSparse(raw));
      }
    }
  };
  const pass = (): boolean => {
    const before = tape.length;
    for (let size = Math.ceil(tape.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = tape.length - size; at > -size; at -= size) {
        const from = Math.max(0, at);
        if (from < tape.length) attempt([...tape.slice(0, from), ...tape.slice(from + size)]);
      }
    }
    cut();
    return tape.length < before;
  };
  while (tried < budget && pass());
  return { tape, outcome, tried };
}
