import { writeFileSync } from 'node:fs';
import type { PlatformOverrides } from '@tidelock/host';
import { UsageError } from './failure.ts';

type OnEffect = NonNullable<PlatformOverrides['onEffect']>;

export interface EffectMeter {
  readonly onEffect: OnEffect | undefined;
  /** Writes the count where it was asked for. */
  finish(): void;
}

interface CrashPoint {
  readonly effect: number;
  readonly when: 'before' | 'after';
}

const NAMES = { kill: 'TIDELOCK_CRASH_AT', stop: 'TIDELOCK_STOP_AT' } as const;

function crashPointOf(text: string | undefined, name: string): CrashPoint | null {
  if (text === undefined || text === '') return null;
  const match = /^(\d{1,9})(?::(before|after))?$/.exec(text);
  if (match === null) {
    const reason = `"${text}" is no crash point`;
    throw new UsageError([{ path: name, reason, remedy: 'Write <n>, <n>:before or <n>:after.' }]);
  }
  return { effect: Number(match[1]), when: match[2] === 'after' ? 'after' : 'before' };
}

/**
 * For kill tests: TIDELOCK_CRASH_AT kills this process at the n-th effect of the engine, as a power cut would;
 * TIDELOCK_STOP_AT stops it there until it is sent SIGCONT, as a machine that is suspended would;
 * TIDELOCK_COUNT_EFFECTS names a file that gets the number of effects of the run.
 */
export function createEffectMeter(env: Readonly<Record<string, string | undefined>>): EffectMeter {
  const crash = crashPointOf(env[NAMES.kill], NAMES.kill);
  const stop = crashPointOf(env[NAMES.stop], NAMES.stop);
  const file = env.TIDELOCK_COUNT_EFFECTS;
  let count = 0;
  if (crash === null && stop === null && file === undefined) return { onEffect: undefined, finish() {} };
  return {
    onEffect(_effect, when) {
      if (when === 'before') count += 1;
      const reached = (point: CrashPoint | null): boolean => count === point?.effect && when === point.when;
      if (reached(crash)) process.kill(process.pid, 'SIGKILL');
      if (reached(stop)) process.kill(process.pid, 'SIGSTOP');
    },
    finish() {
      if (file !== undefined) writeFileSync(file, `${count}\n`);
    },
  };
}
