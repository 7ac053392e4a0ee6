import type { AssignmentRow, Fields, HeldDeletes, Link, Review, Side } from '@tidelock/core';
import { titleOf } from '@tidelock/engine';
import type { ActingPlatform } from '../platform.ts';
import { plural, SIDE } from '../words/words.ts';
import { ANSWERS, type QuestionKind } from './questions.ts';

/** A record that a question is about; `title` is null where nobody can say what it is called. */
export interface NamedRecord {
  readonly side: Side;
  readonly id: string;
  readonly title: string | null;
}

export interface OpenQuestion {
  readonly id: string;
  readonly laneId: string;
  readonly mailbox: string;
  readonly kind: QuestionKind;
  readonly reasons: readonly string[];
  readonly score: number | null;
  readonly decisions: readonly string[];
  /** Since when it is open, milliseconds since the epoch; null for held deletes. */
  readonly askedAt: number | null;
  readonly linkIds: readonly string[];
  readonly records: readonly NamedRecord[];
  /** What the state store holds; null for held deletes. */
  readonly review: Review | null;
}

/** A merge is told as a duplicate with a pair behind it; nothing about it can be linked or separated. */
const kindOf = (review: Review): QuestionKind =>
  review.kind === 'duplicate' && review.linkId !== null ? 'merged' : review.kind;

const unnamed = (side: Side, ids: readonly string[]): NamedRecord[] =>
  ids.map((id) => ({ side, id, title: null }));

function fromReview(review: Review, mailbox: string): OpenQuestion {
  const kind = kindOf(review);
  return {
    id: review.id,
    laneId: review.laneId,
    mailbox,
    kind,
    reasons: review.reasons,
    score: review.score,
    decisions: ANSWERS[kind],
    askedAt: review.at,
    linkIds: review.linkId === null ? [] : [review.linkId],
    records: [...unnamed('a', review.aIds), ...unnamed('b', review.bIds)],
    review,
  };
}

function fromHeld(held: HeldDeletes, lane: { id: string; label: string }): OpenQuestion {
  return {
    id: held.hash,
    laneId: lane.id,
    mailbox: lane.label,
    kind: 'held-deletes',
    reasons: [`${plural(held.count, 'change')} in the ${SIDE[held.side]}: ${held.reason}`],
    score: null,
    decisions: ANSWERS['held-deletes'],
    askedAt: null,
    linkIds: held.linkIds,
    records: [],
    review: null,
  };
}

/** A rule names it, and nobody in the CRM is known to be its owner. */
const isUnmatched = ({ crmUser, profile, blocked, removedAt }: AssignmentRow): boolean =>
  crmUser === null &&
  profile !== null &&
  removedAt === null &&
  blocked !== null &&
  !blocked.endsWith(NOT_SYNCED);

/** How the reason of a mailbox ends whose profile takes no contacts: that is no question. */
const NOT_SYNCED = 'contacts.sync: false';

const fromMailbox = ({ mailboxId, laneId, address, blocked, at }: AssignmentRow): OpenQuestion => ({
  ...{ id: mailboxId, laneId, mailbox: address, kind: 'mailbox', reasons: [blocked ?? ''], score: null },
  ...{ decisions: ANSWERS.mailbox, askedAt: at, linkIds: [], records: [], review: null },
});

/** Everything that waits for a person, from the state store alone: no request to either side, no names. */
export async function openQuestions(platform: ActingPlatform): Promise<OpenQuestion[]> {
  const { sync } = platform.state;
  const assignments = await platform.administration.assignments();
  const questions: OpenQuestion[] = assignments.filter(isUnmatched).map(fromMailbox);
  for (const lane of await sync.lanes()) {
    const { held, approved } = lane;
    if (held !== null && !approved.some(({ hash }) => hash === held.hash))
      questions.push(fromHeld(held, lane));
    const reviews = await sync.reviews(lane.id, { open: true });
    questions.push(...reviews.map((review) => fromReview(review, lane.label)));
  }
  return questions;
}

/** `Ada Adams, ada@x.example` */
export function nameOf(fields: Fields): string {
  const title = titleOf(fields);
  const email = typeof fields.email === 'string' ? fields.email : '';
  return email === '' || email === title ? title : `${title}, ${email}`;
}

const NAMED_LINKS = 500;

function recordsOf(link: Link): NamedRecord[] {
  const shown = { ...link.shownB, ...link.shownA };
  const title = Object.keys(shown).length === 0 ? null : nameOf(shown);
  return (['a', 'b'] as const).flatMap((side) => {
    const ref = link[side];
    const gone = side === 'a' ? link.goneA : link.goneB;
    return ref === null || gone ? [] : [{ side, id: ref.id, title }];
  });
}

/** Names of pairs, as they were last shown. */
async function nameByLinks(platform: ActingPlatform, question: OpenQuestion): Promise<OpenQuestion> {
  const ids = question.linkIds.slice(0, NAMED_LINKS);
  if (ids.length === 0) return question;
  const links = await platform.state.sync.links(question.laneId, { by: 'id', ids });
  const records = links.flatMap(recordsOf);
  const titles = new Map(records.map((record) => [record.side + record.id, record.title]));
  if (question.records.length === 0) return { ...question, records };
  const named = question.records.map((record) => ({
    ...record,
    title: titles.get(record.side + record.id) ?? record.title,
  }));
  return { ...question, records: named };
}

interface Nameless {
  readonly laneId: string;
  readonly side: Side;
  readonly ids: readonly string[];
}

function namelessOf(questions: readonly OpenQuestion[]): Nameless[] {
  const lanes = [...new Set(questions.map((question) => question.laneId))];
  return lanes.flatMap((laneId) =>
    (['a', 'b'] as const).flatMap((side) => {
      const records = questions
        .filter((question) => question.laneId === laneId)
        .flatMap((question) => question.records.filter((one) => one.side === side && one.title === null));
      const ids = [...new Set(records.map((record) => record.id))];
      return ids.length === 0 ? [] : [{ laneId, side, ids }];
    }),
  );
}

/**
 * Puts names to the records of these questions: of pairs from memory, of others by reading them now, one batch a side
 * and mailbox. `unread`: why names are missing, when a side cannot be asked.
 */
export async function withNames(
  platform: ActingPlatform,
  questions: readonly OpenQuestion[],
): Promise<{ readonly questions: readonly OpenQuestion[]; readonly unread: string | null }> {
  const remembered = await Promise.all(questions.map((question) => nameByLinks(platform, question)));
  const names = new Map<string, string>();
  let unread: string | null = null;
  for (const { laneId, side, ids } of namelessOf(remembered)) {
    try {
      for (const [id, fields] of await platform.records(laneId, side, ids))
        names.set(laneId + side + id, nameOf(fields));
    } catch (error) {
      unread = error instanceof Error ? error.message : String(error);
    }
  }
  const named = remembered.map((question) => ({
    ...question,
    records: question.records.map((record) => ({
      ...record,
      title: record.title ?? names.get(question.laneId + record.side + record.id) ?? null,
    })),
  }));
  return { questions: named, unread };
}
