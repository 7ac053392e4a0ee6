import {
  AdapterError,
  type FieldValue,
  type HistoryRow,
  type Link,
  type Quarantine,
  type Review,
  type Side,
} from '@tidelock/core';
import { type Core, now, state, store, uuid } from './effect.ts';
import { notLeftOut } from './freeze.ts';
import type { Lane } from './lane.ts';
import { getFields, type MappedField } from './lens.ts';
import { otherSide, SIDES } from './link-plan.ts';
import { parkedId } from './parked.ts';
import { LEASE } from './policy.ts';
import { lookedAtAnew } from './unpark.ts';
import { MAY_NOTIFY, WOULD_NOTIFY } from './withheld.ts';

/** Answers to a held field: whose value is carried over; `keep`: both stay, and the next edit flows again. */
export type ConflictAnswer = 'mailbox' | 'crm' | 'keep';

export interface AnswerRequest {
  readonly lane: Lane;
  readonly review: Review;
  /** Name of this process in leases. */
  readonly owner: string;
}

interface Held extends AnswerRequest {
  readonly guard: { readonly laneId: string; readonly fence: number };
  readonly wall: number;
  readonly link: Link;
}

type Values = Readonly<Record<Side, FieldValue>>;

const OPERATION = 'review.answer';
/** An answer writes to no store. */
const NO_WRITE = { intentId: null, cause: null, mapping: null };
const WINNER = { mailbox: 'a', crm: 'b' } as const;

/**
 * Takes the lane for one answer and gives it back whatever happens, without a verdict on the lane's health. Throws
 * `conflict` while another worker has it.
 */
function* withLink(of: AnswerRequest, use: (held: Held) => Core<void>): Core<void> {
  const laneId = of.lane.spec.id;
  const wall = yield* now();
  const lease = yield* state('acquireLane', { laneId, owner: of.owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) {
    throw new AdapterError('conflict', 'Another process is working on this lane.', {
      operation: `${OPERATION}.lane`,
      remedy: 'Try again when it has finished.',
    });
  }
  const guard = { laneId, fence: lease.fence };
  try {
    const ids = of.review.linkId === null ? [] : [of.review.linkId];
    const [link] = yield* state('links', laneId, { by: 'id', ids });
    if (link === undefined) {
      throw new AdapterError('not_found', 'The pair of this question is no longer known.', {
        operation: OPERATION,
      });
    }
    yield* use({ ...of, guard, wall, link });
    yield* state('hintLane', laneId, wall);
  } finally {
    yield* state('renewLane', { guard, now: wall, ttlMs: 0 });
  }
}

function* commit(
  held: Held,
  of: {
    readonly link: Link;
    /** Closes the question; null = it stays until a store accepts the record. */
    readonly decision: string | null;
    readonly row: Pick<HistoryRow, 'side' | 'op' | 'field' | 'old' | 'new' | 'rule'>;
  },
): Core<void> {
  const { guard, wall, review } = held;
  const runId = yield* uuid();
  yield* state('commitLane', {
    guard,
    now: wall,
    links: [{ link: lookedAtAnew(of.link, wall), mark: notLeftOut(of.link, SIDES) }],
    history: [{ ...of.row, ...NO_WRITE, runId, seq: 0, laneId: guard.laneId, linkId: of.link.id, at: wall }],
    reviews: of.decision === null ? [] : [{ ...review, decision: of.decision, decidedAt: wall }],
  });
}

/** What each side shows of the field, by a read of this moment. */
function* valuesNow(held: Held, field: MappedField): Core<Values> {
  const values: Record<Side, FieldValue> = { a: null, b: null };
  for (const side of ['a', 'b'] as const) {
    const ref = side === 'a' ? held.link.a : held.link.b;
    const [read] = ref === null ? [] : yield* store(side, 'read', [ref.id]);
    const value =
      read?.state === 'found' ? getFields(held.lane.mapping, side, read.record)[field.name] : undefined;
    if (value === undefined) {
      throw new AdapterError('unavailable', 'One of the two records cannot be read now.', {
        operation: OPERATION,
        remedy: 'Run sync, which finds out what became of it, and look at the review again.',
      });
    }
    values[side] = value;
  }
  return values;
}

/** An answer that the next pass would not carry out is refused, not recorded. */
function requireCarried(field: MappedField, winner: Side, value: FieldValue): void {
  const refuse = (message: string): never => {
    throw new AdapterError('invalid', message, {
      operation: OPERATION,
      remedy: 'Answer for the other side, answer "keep", or change one of the two records by hand.',
    });
  };
  if (field.flows[winner] !== 'always')
    refuse(`"${field.name}" does not flow in that direction: its rule, or the store, does not allow it.`);
  if (value === null && field.keepOnBlank)
    refuse(`"${field.name}" is blank there, and a blank never erases a value of this field.`);
  if (field.project(otherSide(winner), value) === undefined)
    refuse(`The other side cannot hold that value of "${field.name}".`);
}

const withBase = (link: Link, name: string, base: Values): Link => ({
  ...link,
  holds: link.holds.filter((field) => field !== name),
  shownA: { ...link.shownA, [name]: base.a },
  shownB: { ...link.shownB, [name]: base.b },
});

/** The held field that a review asks about: its text starts with the quoted name. */
export const heldFieldOf = (review: Review): string | null =>
  /^"([^"]+)"/.exec(review.reasons[0] ?? '')?.[1] ?? null;

function* release(held: Held, answer: ConflictAnswer): Core<void> {
  const { lane, link, review } = held;
  const name = heldFieldOf(review) ?? '';
  const field = lane.mapping.byName.get(name);
  if (field === undefined || !link.holds.includes(name) || link.status !== 'live') {
    const holds = link.holds.filter((one) => one !== name);
    const row = {
      side: 'b',
      op: 'hold',
      field: name,
      old: null,
      new: null,
      rule: 'nothing to decide',
    } as const;
    return yield* commit(held, { link: { ...link, holds }, decision: answer, row });
  }
  const values = yield* valuesNow(held, field);
  const rule = `decided by a person: ${answer}`;
  if (answer === 'keep' || field.equal(values.a, values.b)) {
    const row = { side: 'b', op: 'hold', field: name, old: values.b, new: values.b, rule } as const;
    return yield* commit(held, { link: withBase(link, name, values), decision: answer, row });
  }
  const winner = WINNER[answer];
  requireCarried(field, winner, values[winner]);
  const lost = values[otherSide(winner)];
  yield* commit(held, {
    link: withBase(link, name, { a: lost, b: lost }),
    decision: answer,
    row: { side: otherSide(winner), op: 'conflict', field: name, old: lost, new: values[winner], rule },
  });
}

/**
 * Releases a field that was held for a person. The loser's present value becomes the base of both sides, so to the
 * next pass only the winner changed: it carries that value over, and an edit made meanwhile is a new conflict with a
 * new question. Throws `invalid` for an answer that could not be carried out, `conflict` while another worker has
 * the lane, `unavailable` when a record cannot be read.
 */
export function* answerConflict(request: AnswerRequest, answer: ConflictAnswer): Core<void> {
  yield* withLink(request, (held) => release(held, answer));
}

/** Does the answer let go just this mail? Another change may wait by now than the one that the question shows. */
const isAskedAbout = ({ link, review, lane }: Held, parked: Quarantine): boolean =>
  parked.code === WOULD_NOTIFY && review.id === parkedId(lane.spec.id, link.id, parked);

/**
 * Tries a refused record again with the next pass, whatever its schedule said. The question stays open until a store
 * accepts the record. Errors as `answerConflict`.
 */
export function* retryParked(request: AnswerRequest): Core<void> {
  yield* withLink(request, function* retry(held) {
    const { link, wall } = held;
    const { quarantine: parked } = link;
    const code = parked !== null && isAskedAbout(held, parked) ? MAY_NOTIFY : parked?.code;
    const quarantine = parked === null ? null : { ...parked, code: code ?? parked.code, nextAt: wall };
    const rule = 'retry by a person';
    const row = { side: 'b', op: 'hold', field: null, old: null, new: null, rule } as const;
    yield* commit(held, { link: { ...link, quarantine }, decision: null, row });
  });
}
