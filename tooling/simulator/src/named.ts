import { type FeedRow, isAdapterError } from '@tidelock/core';
import { type Core, ingestNamed, type Lane } from '@tidelock/engine';
import type { Sim } from './sim.ts';

/** How many of the newest records of the CRM a push may be about. */
const NEWEST = 6;
const MOST = 3;

/** What a push names: records that were made lately, whatever became of them, and now and then nothing. */
function drawNames({ b, tape }: Sim): readonly string[] {
  const newest = [...b.rows.keys()].slice(-NEWEST);
  const count = Math.min(newest.length, tape.choice(MOST + 1));
  return Array.from({ length: count }, () => newest[tape.choice(newest.length)] ?? '');
}

/** Records that somebody has named are looked at before their feed, as the production facade does. Its trouble holds nobody up. */
export function* lookAtNamed(
  sim: Sim,
  of: {
    readonly lanes: readonly Lane[];
    readonly owner: string;
    readonly feed: FeedRow;
    readonly scopeHash: string;
  },
): Core<void> {
  // Where nobody changes anything nothing is pushed.
  if (sim.options.named !== true || sim.rates.edit === 0) return;
  const ids = drawNames(sim);
  if (ids.length === 0) return;
  try {
    const noted = yield* ingestNamed({ ...of, side: 'b', ids });
    sim.count(
      `named records ${noted === null ? 'left to another reader' : noted === 0 ? 'not noted' : 'noted'}`,
    );
  } catch (error) {
    if (!isAdapterError(error)) throw error;
    sim.count('named records failed');
  }
}
