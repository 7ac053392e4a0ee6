import type { LanePause } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import { shortHash } from './features.ts';
import type { Lane } from './lane.ts';
import { mappingVersion } from './mapping-version.ts';

/** A name for what this lane would do: its mapping and its policy. Another one may end a pause. */
export function configurationOf(lane: Pick<Lane, 'mapping' | 'policy'>): string {
  return shortHash(JSON.stringify([mappingVersion(lane.mapping), lane.policy]));
}

/** Does this pause hold for the lane as it is configured now? */
export function holdsFor(lane: Pick<Lane, 'mapping' | 'policy'>, paused: LanePause | null): boolean {
  return paused !== null && (paused.under === null || paused.under === configurationOf(lane));
}

/** Is the lane paused? A pause that ended with another configuration is taken away. */
export function* isPaused(lane: Lane, paused: LanePause | null): Core<boolean> {
  if (holdsFor(lane, paused)) return true;
  if (paused !== null) yield* state('pauseLane', lane.spec.id, null);
  return false;
}
