import type { CliRun } from '../cli.ts';

const DONE = 0;
/** Something is parked: what the CRM refuses. */
const PARTIAL = 5;

/** Throws what the program said when it did not end as it should. */
export function requireEnd(
  run: CliRun,
  what: string,
  codes: readonly CliRun['code'][] = [DONE, PARTIAL],
): void {
  if (codes.includes(run.code)) return;
  throw new Error(`${what} ended with ${run.code}:\n${run.err}\n${run.out.slice(0, 2000)}`);
}
