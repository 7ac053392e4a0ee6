import { isAllDay, type Link, type Quarantine } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import type { EventPolicy } from './policy.ts';
import { type Sentence, SIDE_NAME, sentence } from './sentence.ts';

const NEXT: Readonly<Record<EventPolicy['mail'], string>> = {
  hold: 'It waits until the policy for mail is another one (events.notify).',
  ask: 'It waits until a person lets it go.',
  send: 'It waits until a person lets it go.',
  'crm-only': 'It is never made there (events.notify: crm-only).',
};

/** A write that waits because people would get mail. `decide`: the review that lets it go, where one does. */
export function whyWithheld(
  { message }: Quarantine,
  of: { readonly mail: EventPolicy['mail']; readonly decide: string | null },
): Sentence {
  const asks = of.mail === 'ask' || of.mail === 'send';
  return sentence('withheld', asks ? 'asks' : 'rests', {
    text: `${message} ${NEXT[of.mail]} Nobody was sent anything, and what else changes of this pair goes on.`,
    decide: asks ? of.decide : null,
  });
}

/** A copy of an event that is somebody else's. */
function whyClosed(link: Link, readOnly: EventPolicy['readOnly']): Sentence | null {
  if (link.status !== 'live') return null;
  const side = link.a?.closed ? 'a' : link.b?.closed ? 'b' : null;
  if (side === null) return null;
  const other = SIDE_NAME[side === 'a' ? 'b' : 'a'];
  const edits = readOnly === 'ignore' ? 'stay there and go nowhere' : 'are taken back';
  return sentence('read-only', 'fine', {
    text: `The record in the ${SIDE_NAME[side]} is a copy that only its organizer can change: it is never written. Edits in the ${other} ${edits} (events.readOnly: ${readOnly}).`,
  });
}

/** An event whose zone has a name that stands for nothing: it is kept where it stands on the clock of the world. */
function whyZone({ status, shownA }: Link): Sentence | null {
  if (status !== 'live') return null;
  const times = Object.values(shownA ?? {}).filter(
    (value) => isEventValue(value) && value.kind === 'time' && value.zone === null && !isAllDay(value),
  );
  if (times.length === 0) return null;
  return sentence('zone-unknown', 'fine', {
    text: 'Its time zone has a name that nothing is known about, so it stands at its instant in UTC, and the zone is never written back. Where its clocks change, only its owner can say what that means.',
  });
}

/** Who is on it and is nobody in the CRM is made there. */
function whyPeople({ status, shownA }: Link, { newPeople }: EventPolicy): Sentence | null {
  const hasPeople = Object.values(shownA ?? {}).some(
    (value) => isEventValue(value) && value.kind === 'people' && value.attendees.length > 0,
  );
  if (newPeople !== true || status !== 'live' || !hasPeople) return null;
  return sentence('new-people', 'fine', {
    text: 'Whoever is on it and is nobody in the CRM is made there as a contact (events.people), except for rooms and people of own domains.',
  });
}

/** What holds of an event whatever becomes of it. */
export const whyEvent = (link: Link, policy: EventPolicy): Sentence[] =>
  [whyClosed(link, policy.readOnly), whyPeople(link, policy), whyZone(link)].filter((one) => one !== null);
