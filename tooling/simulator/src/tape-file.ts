import { readFileSync, writeFileSync } from 'node:fs';
import type { Settings } from './options.ts';
import { type Outcome, runSchedule } from './run.ts';
import { fromSparse, replayTape, type SparseTape } from './tape.ts';

/** A schedule as a file: everything that its world depends on beside the code. */
export interface TapeFile {
  readonly seed: number;
  /** The check that failed when it was written; null = it must pass (a regression test). */
  readonly check: string | null;
  readonly detail: string;
  readonly lanes?: number | undefined;
  readonly profile?: string | undefined;
  /** Records are events. */
  readonly events?: boolean | undefined;
  readonly without: readonly string[];
  readonly mutant?: string | undefined;
  /** It was played in the world that this mutant is hunted in. */
  readonly workload?: string | undefined;
  readonly choices: SparseTape;
}

export const settingsOf = (tape: TapeFile): Settings => ({
  lanes: tape.lanes,
  profile: tape.profile,
  events: tape.events,
  without: new Set(tape.without),
  mutant: tape.mutant,
  workload: tape.workload,
});

export function replay(tape: TapeFile, trace: boolean): Outcome {
  return runSchedule(replayTape(fromSparse(tape.choices)), settingsOf(tape), trace);
}

export const readTape = (path: string): TapeFile => JSON.parse(readFileSync(path, 'utf8')) as TapeFile;

export function writeTape(path: string, tape: TapeFile): void {
  const { choices, ...head } = tape;
  const lines = JSON.stringify(head, null, 2).replace(/\n}$/, ',');
  writeFileSync(path, `${lines}\n  "choices": ${JSON.stringify(choices)}\n}\n`);
}
