import type { Intent, Link, LinkPut, Suspect } from '@tidelock/core';
import { contentOf } from './attempts.ts';
import { confirmedLink, NO_ANSWER } from './confirm.ts';
import type { Core } from './effect.ts';
import type { Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { unchanged } from './merge.ts';
import { rebound } from './rebind.ts';

/** The pair on what this create has sent; only its base is another one. */
function onSent(pass: Pass, link: Link, intent: Intent): Link {
  const { shownA, shownB } = confirmedLink(pass.lane, { link, intent, answer: NO_ANSWER });
  return { ...link, shownA, shownB };
}

/**
 * The base of a pair that goes on with this record. Of several creates with its stamp another one than that of the old record may
 * have made it: one that shows no more and no less than that create sent was not edited, whatever the old record showed (5.5).
 * What a changed scope has frozen keeps its base (6.5).
 */
function* basedOn(
  pass: Pass,
  suspect: Suspect,
  { link, creates }: { readonly link: Link; readonly creates: readonly Intent[] },
): Core<Link> {
  if (creates.length < 2 || link.status !== 'live') return link;
  const { side, id, mono } = suspect;
  const record = yield* contentOf(pass, { side, id, mono });
  if (record === undefined) return link;
  const { mapping } = pass.lane;
  const seen = getFields(mapping, side, record);
  const shows = ({ shownA, shownB }: Link): boolean => {
    const shown = side === 'a' ? shownA : shownB;
    return shown !== null && unchanged(mapping, shown, seen);
  };
  if (shows(link)) return link;
  return creates.map((intent) => onSent(pass, link, intent)).find(shows) ?? link;
}

/** The pair goes on with a record of equal stamp, in the place of one that is gone (6.3, moves). */
export function* movedTo(
  pass: Pass,
  suspect: Suspect,
  of: { readonly link: Link; readonly creates: readonly Intent[] },
): Core<LinkPut[]> {
  const { side, id, mono, stamp = null } = suspect;
  const { shownA, shownB } = yield* basedOn(pass, suspect, of);
  return rebound({ side, link: of.link, into: id, stamp, mono }).map((put) =>
    put.link.status === 'tomb' ? put : { ...put, link: { ...put.link, shownA, shownB } },
  );
}
