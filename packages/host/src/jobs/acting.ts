import type { LivePlatform } from '../live/live-platform.ts';
import type { ActingPlatform } from '../platform.ts';
import type { JobContext } from './jobs.ts';

/** Name of jobs in leases. One at a time works on mailboxes. */
const WORKER = 'jobs';

export interface Acting {
  readonly platform: ActingPlatform;
  /** What each lane is called in the job's progress, from now on. */
  name(names: ReadonlyMap<string, string>): void;
}

/** A job's work on the platform of the moment, in the hands of whoever asked for it. */
export function actAs<R>(
  live: LivePlatform,
  of: { readonly by: string; readonly context: JobContext },
  work: (acting: Acting) => Promise<R>,
): Promise<R> {
  const { by, context } = of;
  let names: ReadonlyMap<string, string> = new Map();
  return live.use((base) => {
    const platform = base.as(by, {
      worker: WORKER,
      signal: context.signal,
      onProgress: (laneId, { phase, side = null, done, total = null }) =>
        context.report({ mailbox: names.get(laneId) ?? null, phase, side, done, total }),
    });
    return work({
      platform,
      name: (known) => {
        names = known;
      },
    });
  });
}
