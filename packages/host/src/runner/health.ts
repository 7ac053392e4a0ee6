import { countdownOf, type KeyStage } from '../keys/countdown.ts';
import type { Lag } from './jobs.ts';
import type { Machine } from './machine.ts';
import { COUNTS, type CountName } from './tally.ts';

/** How the work goes, in numbers. Of no mailbox in particular. */
export interface RunnerHealth {
  readonly state: 'starting' | 'running' | 'stopping' | 'idle';
  readonly lanes: {
    /** Take part. */
    readonly total: number;
    /** Can be worked on: their services answered. */
    readonly ready: number;
    readonly blocked: number;
    /** Wait until a feed that they share has told them everything. */
    readonly untold: number;
  };
  /** As of the last look, which is made every minute. */
  readonly lag: Lag;
  readonly queue: { readonly waiting: number; readonly working: number; readonly loading: number };
  /** A feed that mailboxes share is read now. */
  readonly reading: boolean;
  /** Until when nobody tries, because a service is down; milliseconds since the epoch. */
  readonly circuitOpenUntil: number | null;
  readonly keys: readonly { readonly keyName: string; readonly days: number; readonly stage: KeyStage }[];
  /** Since this process began. */
  readonly counts: Readonly<
    Record<CountName, readonly { readonly labels: readonly string[]; readonly count: number }[]>
  >;
}

function stateOf(on: Machine): RunnerHealth['state'] {
  if (on.stopping) return 'stopping';
  if (on.attached === null) return 'idle';
  return on.attached.complete ? 'running' : 'starting';
}

/** Makes no request and asks no store. */
export function healthOf(on: Machine, lag: Lag): RunnerHealth {
  const { attached } = on;
  const counts = Object.fromEntries(COUNTS.map((name) => [name, on.tally.read(name)]));
  const keys = attached?.platform.keys ?? [];
  return {
    state: stateOf(on),
    lanes: {
      total: attached?.lanes.size ?? 0,
      ready: attached?.scheduled.engine.ready().length ?? 0,
      blocked: on.blocked.size,
      untold: on.untold.size,
    },
    lag,
    queue: { waiting: on.ready.size, working: on.running.size, loading: on.loads.size },
    reading: on.reading,
    circuitOpenUntil: on.circuit.openUntil,
    keys: keys.map(({ keyName, notAfter }) => ({
      keyName,
      ...countdownOf({ notBefore: 0, notAfter }, on.clock.now()),
    })),
    counts: counts as RunnerHealth['counts'],
  };
}
