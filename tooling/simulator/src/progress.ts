import type { Tally } from './tally.ts';

/** Where nobody watches (a file, CI) a line this often is enough; a run of two minutes says nothing there. */
const EVERY = 120_000;

const number = (value: number): string => Math.round(value).toLocaleString('en-US');

/** "12,000 of 100,000 schedules, 212/s, 7 min left, 1 failure" */
export function progressText(so: Pick<Tally, 'schedules' | 'failures'>, seeds: number, ms: number): string {
  const rate = so.schedules / (ms / 1000);
  const left = (seeds - so.schedules) / rate;
  const remaining = left < 90 ? `${number(left)} s` : `${number(left / 60)} min`;
  const failures = so.failures.length === 1 ? '1 failure' : `${number(so.failures.length)} failures`;
  return `${number(so.schedules)} of ${number(seeds)} schedules, ${number(rate)}/s, ${remaining} left, ${failures}`;
}

/** Tells how far a run is: one line that is written over on a terminal, a line now and then elsewhere. */
export function createProgress(
  seeds: number,
  out: { readonly terminal: boolean; readonly write: (text: string) => void },
  now: () => number = () => performance.now(),
): { readonly tell: (so: Tally) => void; readonly end: () => void } {
  const { terminal, write } = out;
  const started = now();
  let told = started;
  const erase = '\r\u001b[K';
  return {
    tell(so) {
      const at = now();
      if (!terminal && at - told < EVERY) return;
      told = at;
      const text = progressText(so, seeds, at - started);
      write(terminal ? `${erase}${text}` : `${text}\n`);
    },
    end() {
      if (terminal) write(erase);
    },
  };
}
