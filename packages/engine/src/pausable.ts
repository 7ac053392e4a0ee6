import type { Clock } from '@tidelock/core';
import type { Quantum } from './turns.ts';

/** Work that stands still at its safe points while others have their turn. */
export interface Pausable<R> {
  /** Goes on for one turn; `null` = until its end. Answers `paused` when the turn was used up. Errors of the work are thrown. */
  take(quantum: Quantum | null): Promise<{ readonly ended: R } | 'paused'>;
}

/** To be awaited by the work at its safe points, with the writes made since the last one and the links that wait. Answers how many writes may follow. */
export type Breathe = (writes: number, planned: number) => Promise<number>;

/** Starts nothing before the first turn is taken. Only one turn may be taken at a time. */
export function createPausable<R>(clock: Clock, work: (breathe: Breathe) => Promise<R>): Pausable<R> {
  let quantum: Quantum | null = null;
  let used = 0;
  let began = 0;
  let goOn: (() => void) | null = null;
  let paused: (value: 'paused') => void = () => {};
  let running: Promise<{ readonly ended: R }> | null = null;

  const breathe: Breathe = async (writes, planned) => {
    used += writes;
    const spent = quantum !== null && (used >= quantum.writes || clock.mono() - began >= quantum.ms);
    if (spent && planned > (quantum?.links ?? 0)) quantum = null;
    else if (spent)
      await new Promise<void>((resolve) => {
        goOn = resolve;
        paused('paused');
      });
    return quantum === null ? Number.POSITIVE_INFINITY : quantum.writes - used;
  };
  return {
    take(next) {
      quantum = next;
      used = 0;
      began = clock.mono();
      const turn = new Promise<'paused'>((resolve) => {
        paused = resolve;
      });
      // Before the work begins: it may come to its first safe point at once.
      const wake = goOn;
      goOn = null;
      running ??= work(breathe).then((ended) => ({ ended }));
      wake?.();
      return Promise.race([running, turn]);
    },
  };
}
