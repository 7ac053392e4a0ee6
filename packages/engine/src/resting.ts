import type { Clock } from '@tidelock/core';
import type { PassReport } from './pass-report.ts';

/**
 * Lanes with nothing to do are asked again this often (milliseconds) while others are at work: each time costs a request, and one large
 * mailbox may take a thousand rounds.
 */
const ASK_AGAIN_MS = 60_000;

interface Asked {
  /** `idle`: there was nothing to do. `work`: there was, and may be more. `trouble`: it could not be asked, and is with the next round. */
  readonly found: 'idle' | 'work' | 'trouble';
  /** Monotonic instant of its last pass. */
  readonly at: number;
  /** No lane had anything to do since. */
  readonly isLast: boolean;
}

const WITHOUT_WORK: Readonly<Record<PassReport['status'], Asked['found']>> = {
  ...{ done: 'idle', paused: 'idle', failed: 'trouble', busy: 'trouble', untold: 'trouble' },
};

/** Which lanes a round need not ask, and whether each was asked since the last one that had something to do. */
export interface Resting {
  /** Lanes that the next round leaves out. */
  leftOut(): Set<string>;
  /** One round's reports; `isAtWork` says which of them had something to do. */
  note(reports: readonly PassReport[], isAtWork: (report: PassReport) => boolean): void;
  /** Some lane but these was not asked since another one had something to do. */
  isToAsk(without: ReadonlySet<string>): boolean;
}

export function createResting(clock: Clock): Resting {
  const lanes = new Map<string, Asked>();
  return {
    leftOut() {
      const now = clock.mono();
      const anyAtWork = [...lanes.values()].some(({ found }) => found === 'work');
      const rests = ({ found, isLast, at }: Asked): boolean =>
        found === 'idle' && (anyAtWork ? now - at < ASK_AGAIN_MS : isLast);
      return new Set([...lanes].flatMap(([laneId, asked]) => (rests(asked) ? [laneId] : [])));
    },
    note(reports, isAtWork) {
      const at = clock.mono();
      const isLast = !reports.some(isAtWork);
      const reported = new Set(reports.map(({ laneId }) => laneId));
      for (const [laneId, asked] of lanes) {
        // Whoever is at work is asked each time; one that no round knows any more must not keep the others waiting.
        if (asked.found !== 'idle' && !reported.has(laneId)) lanes.delete(laneId);
        else if (!isLast) lanes.set(laneId, { ...asked, isLast });
      }
      for (const report of reports) {
        const found = isAtWork(report) ? 'work' : WITHOUT_WORK[report.status];
        lanes.set(report.laneId, { found, at, isLast });
      }
    },
    isToAsk: (without) => [...lanes].some(([laneId, { isLast }]) => !isLast && !without.has(laneId)),
  };
}
