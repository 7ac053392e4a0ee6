import type { LaneRow, Review, Suspect } from '@tidelock/core';
import { FOREIGN_FEED } from './observe.ts';
import { type Sentence, SIDE_NAME, sayInstant, sentence } from './sentence.ts';
import { whyPaused } from './why.ts';

/** A record that has no link: what feeds said of it, and the open questions that name it. */
export interface WhySuspectInput {
  readonly suspect: Suspect;
  readonly reviews: readonly Review[];
  readonly lane: LaneRow;
}

function whyDoubt(of: WhySuspectInput, review: Review): Sentence {
  const { side } = of.suspect;
  const score = review.score === null ? '' : ` (${review.score} points: ${review.reasons.join(', ')})`;
  const others = side === 'a' ? review.bIds.length : review.aIds.length;
  const there = SIDE_NAME[side === 'a' ? 'b' : 'a'];
  const what =
    review.kind === 'duplicate'
      ? `It may be a duplicate: it resembles ${others === 1 ? 'a record' : `${others} records`} in the ${there}, and more than one pairing is possible${score}.`
      : `Doubtful match: it resembles ${others === 1 ? 'a record' : `${others} records`} in the ${there}, not clearly enough to be linked${score}.`;
  const text = `${what} It is neither linked nor created on the other side until a person decides.`;
  return sentence('doubtful', 'asks', { text, decide: review.id });
}

function whyUnlinked({ suspect }: WhySuspectInput): Sentence {
  const { side, why, at, feed } = suspect;
  const when = sayInstant(at);
  if (feed === FOREIGN_FEED)
    return sentence('looked-up', 'waits', {
      text: `Found in the ${SIDE_NAME[side]} by its e-mail address on ${when}, while a partner was to be created. It belongs to nobody here: it is linked if it matches, and never created on the other side.`,
    });
  if (why === 'review')
    return sentence('decided', 'waits', {
      text: `It was in doubt, and nothing about it is open any more. The next sync carries out what was decided.`,
    });
  if (why === 'unknown')
    return sentence('unmatched', 'waits', {
      text: `First seen in the ${SIDE_NAME[side]} on ${when}, and not matched yet. The next sync links it to its partner, or creates one, once both sides have been read completely.`,
    });
  return sentence('to-verify', 'waits', {
    text: `On ${when} the ${SIDE_NAME[side]} reported it as ${why}. The next sync reads it before anything is concluded.`,
  });
}

/** Why a record without a link is not synchronised. Pure; never empty. */
export function whySuspect(input: WhySuspectInput): readonly Sentence[] {
  const doubts = input.reviews.map((review) => whyDoubt(input, review));
  const { errorKind, errorCount } = input.lane;
  const failing =
    errorKind === null
      ? []
      : [
          sentence('lane-failing', 'asks', {
            text: `The last sync of this mailbox failed (${errorKind}, ${errorCount} in a row). Nothing happens until one succeeds.`,
          }),
        ];
  const paused = whyPaused(input.lane);
  return [
    ...(doubts.length > 0 ? doubts : [whyUnlinked(input)]),
    ...(paused === null ? [] : [paused]),
    ...failing,
  ];
}
