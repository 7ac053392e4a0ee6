import type { Link, Quarantine, Review } from '@tidelock/core';
import type { Pass } from './lane.ts';
import { isSecondLook } from './second-look.ts';
import { idOf } from './stamp.ts';
import { MAY_NOTIFY, WOULD_NOTIFY } from './withheld.ts';

/** A pass, and the wall clock in milliseconds. */
interface Asking {
  readonly pass: Pass;
  readonly wall: number;
}

const askedAs = ({ code }: Quarantine): string => (code === MAY_NOTIFY ? WOULD_NOTIFY : code);

/** One question per refused input of a link. */
export const parkedId = (laneId: string, linkId: string, quarantine: Quarantine): string =>
  idOf('parked', laneId, linkId, askedAs(quarantine), quarantine.inputHash);

export const parkedReview = ({ pass, wall }: Asking, link: Link, quarantine: Quarantine): Review => ({
  id: parkedId(pass.lane.spec.id, link.id, quarantine),
  laneId: pass.lane.spec.id,
  kind: 'parked',
  linkId: link.id,
  aIds: [link.a?.id].filter((id) => id !== undefined),
  bIds: [link.b?.id].filter((id) => id !== undefined),
  score: null,
  reasons: [quarantine.message],
  decision: null,
  decidedAt: null,
  at: wall,
});

/**
 * What was asked about a link's refused input, answered: the store took it after all, another input took its place, or
 * nothing is to be written any more. `now`: what is parked of the link from here on.
 */
export function answeredParked(on: Asking, link: Link, now: Quarantine | null): readonly Review[] {
  const { quarantine } = link;
  if (quarantine === null || isSecondLook(quarantine) || quarantine.inputHash === now?.inputHash) return [];
  return [{ ...parkedReview(on, link, quarantine), decision: 'mended', decidedAt: on.wall }];
}
