import type { Finding } from '@tidelock/core';
import type { ConsentRefusal, RefusalCode } from './refusal.ts';

/** Where the last attempt of a session stands. */
export type Stage =
  | { readonly at: 'idle' }
  | { readonly at: 'signing-in' | 'consenting' }
  | { readonly at: 'proving'; readonly missing: string | null }
  | { readonly at: 'connected'; readonly tenant: string; readonly findings: readonly Finding[] }
  | {
      readonly at: 'refused';
      readonly code: RefusalCode;
      readonly said: string | null;
      readonly text: string;
      readonly remedy: string;
    };

export const refusedStage = ({ code, said, message, remedy }: ConsentRefusal): Stage => ({
  ...{ at: 'refused', code, said, text: message, remedy },
});

export interface Stages {
  of(session: string): Stage;
  set(session: string, stage: Stage): void;
  /** Resolves with the first end from now on, or with the present one. */
  end(session: string): Promise<Stage>;
}

/** By session, in this process's memory. */
export function createStages(): Stages {
  const stages = new Map<string, Stage>();
  const waiting = new Map<string, ((stage: Stage) => void)[]>();
  const isEnd = ({ at }: Stage): boolean => at === 'connected' || at === 'refused';
  return {
    of: (session: string): Stage => stages.get(session) ?? { at: 'idle' },
    set(session: string, stage: Stage): void {
      stages.set(session, stage);
      if (!isEnd(stage)) return;
      for (const done of waiting.get(session) ?? []) done(stage);
      waiting.delete(session);
    },
    end: (session: string): Promise<Stage> =>
      new Promise((resolve) => {
        const present = stages.get(session);
        if (present !== undefined && isEnd(present)) resolve(present);
        else waiting.set(session, [...(waiting.get(session) ?? []), resolve]);
      }),
  };
}
