import type {
  Fields,
  HistoryRow,
  LaneCommit,
  Link,
  LinkPut,
  Outcome,
  Quarantine,
  Review,
  SideRef,
  WriteNote,
} from '@tidelock/core';
import { type Answer, confirmedLink, reborn, showsMore, withPartner } from './confirm.ts';
import { blockingKeys, featuresOf } from './features.ts';
import { heldFieldReviews } from './held-fields.ts';
import { historyRow, type Pass } from './lane.ts';
import { getFields } from './lens.ts';
import { asClean, inContainer } from './link-plan.ts';
import { forgetLookUp } from './look-up.ts';
import { answeredParked, parkedReview } from './parked.ts';
import { ITEM_RETRY_MS } from './policy.ts';
import type { Sending } from './sending.ts';
import { idOf } from './stamp.ts';
import { lookedAtAnew, stillWork } from './unpark.ts';
import { inputHash } from './withheld.ts';
import { MADE_PEOPLE, rowsOfWrite } from './write-history.ts';

export type Draft = {
  [K in 'links' | 'closed' | 'history' | 'reviews' | 'keys']: NonNullable<LaneCommit[K]>[number][];
};

const WRITTEN = { shown: null, conflicts: [], recovered: false } as const;

/** What the outcomes of one batch are gathered in. */
export interface Settlement {
  readonly pass: Pass;
  readonly draft: Draft;
  /** Wall clock, milliseconds. */
  readonly wall: number;
}

/** Is something left to a person? */
const isOpen = ({ code }: WriteNote): boolean => code === 'unresolved' || code === 'ambiguous';

function madePeople({ pass, wall }: Settlement, sending: Sending, notes: readonly WriteNote[]): HistoryRow[] {
  return notes.flatMap(({ code, property, people = [] }) => {
    if (code !== 'created' || people.length === 0) return [];
    const { intent } = sending;
    const field = pass.lane.mapping.fields.find((one) => one.property[intent.side] === property)?.name;
    return [
      historyRow(pass, {
        ...{ linkId: intent.linkId, side: intent.side, op: 'link', field: field ?? null },
        ...{ old: null, new: [...people], rule: MADE_PEOPLE, at: wall },
      }),
    ];
  });
}

function noteReviews({ pass, wall }: Settlement, sending: Sending, notes: readonly WriteNote[]): Review[] {
  return notes.filter(isOpen).map((note) => ({
    id: idOf('unresolved', pass.lane.spec.id, sending.intent.linkId, note.property),
    laneId: pass.lane.spec.id,
    kind: 'unresolved',
    linkId: sending.intent.linkId,
    aIds: [sending.work.plan.link.a?.id].filter((id) => id !== undefined),
    bIds: [sending.work.plan.link.b?.id].filter((id) => id !== undefined),
    score: null,
    reasons: [
      `The value for ${note.property} matches ${note.code === 'ambiguous' ? 'several records' : 'no record'} there; it was left as it is on both sides.`,
    ],
    decision: null,
    decidedAt: null,
    at: wall,
  }));
}

export function settleOk(
  on: Settlement,
  sending: Sending,
  outcome: Extract<Outcome, { status: 'ok' }>,
): LinkPut {
  const { pass, draft } = on;
  const link = sending.work.plan.next;
  const { intent, write } = sending;
  draft.closed.push({ id: intent.id, state: 'confirmed', conflicts: intent.conflicts });
  if (intent.op === 'create') forgetLookUp(pass.lane, intent.side, sending.work);
  draft.reviews.push(...noteReviews(on, sending, outcome.notes ?? []));
  draft.history.push(...madePeople(on, sending, outcome.notes ?? []));
  draft.reviews.push(...heldFieldReviews(pass, sending.work.plan, on.wall));
  draft.reviews.push(...answeredParked(on, sending.work.plan.link, sending.work.plan.withheld ?? null));
  pass.counts.conflicts += write.conflicts.length;
  if (intent.op === 'delete') {
    draft.history.push(...rowsOfWrite(pass, intent, { ...WRITTEN, conflicts: write.conflicts, at: on.wall }));
    draft.keys.push(
      { side: 'a', id: link.a?.id ?? '', keys: [] },
      { side: 'b', id: link.b?.id ?? '', keys: [] },
    );
    return { link: { ...asClean(link), status: 'tomb', goneA: false, goneB: false, quarantine: null } };
  }
  return settleContent(on, sending, outcome);
}

/** Blocking keys of a record that shows these values. */
export function keysOf(pass: Pass, shown: Fields): readonly string[] {
  return blockingKeys(featuresOf(pass.lane.mapping, pass.lane.canon, shown));
}

function answerOf(
  pass: Pass,
  { intent, write }: Sending,
  outcome: Extract<Outcome, { status: 'ok' }>,
): Answer {
  const { mapping, caps } = pass.lane;
  const conditional = intent.op === 'update' && caps[intent.side].conditionalUpdate;
  const notes = (outcome.notes ?? []).filter(isOpen);
  return {
    fields: outcome.record ? getFields(mapping, intent.side, outcome.record) : null,
    unresolved: new Set(notes.map((note) => note.property)),
    before: conditional && write.target !== null ? getFields(mapping, intent.side, write.target) : null,
  };
}

/** What a write of the same plan that still follows takes from this side. */
const takenAfter = ({ work, write, last }: Sending): Fields =>
  last ? {} : (work.plan.writes.find(({ side }) => side !== write.side)?.source ?? {});

/** The link after a create or update took effect, and whether its side needs another look. */
function settleContent(
  { pass, draft, wall }: Settlement,
  sending: Sending,
  outcome: Extract<Outcome, { status: 'ok' }>,
): LinkPut {
  const link = sending.work.plan.next;
  const { intent } = sending;
  const { id, version = '', mono = '' } = outcome;
  const made = { id, version, mono, ...inContainer(outcome.record ?? {}) };
  const ref = outcome.record?.writable === false ? { ...made, closed: true as const } : made;
  const old = intent.side === 'a' ? link.a : link.b;
  const paired =
    intent.op === 'create' || old === null
      ? withPartner(link, intent, ref)
      : withVersion(link, intent.side, ref);
  const answer = answerOf(pass, sending, outcome);
  const confirmed = confirmedLink(pass.lane, { link: paired, intent, answer });
  const shown = intent.side === 'a' ? confirmed.shownA : confirmed.shownB;
  draft.keys.push({ side: intent.side, id: outcome.id, keys: keysOf(pass, shown ?? {}) });
  const { conflicts } = sending.write;
  draft.history.push(...rowsOfWrite(pass, intent, { ...WRITTEN, shown, conflicts, at: wall }));
  const { withheld } = sending.work.plan;
  const looked = sending.last && withheld === undefined;
  const settled = { ...(looked ? asClean(confirmed) : confirmed), quarantine: withheld ?? null };
  const again = reborn(pass.lane, link, settled);
  if (again !== null) {
    draft.links.push({ link: again.old });
    return { link: again.next, mark: [intent.side] };
  }
  const taken = takenAfter(sending);
  if (showsMore(pass.lane, settled, { intent, answer, taken })) return { link: settled, mark: [intent.side] };
  return looked ? { link: settled } : stillWork(settled);
}

/** A store that had to write the record anew names another id. */
function withVersion(
  link: Link,
  side: 'a' | 'b',
  ref: Pick<SideRef, 'id' | 'version' | 'mono' | 'container' | 'closed'>,
): Link {
  if (side === 'a') return link.a === null ? link : { ...link, a: { ...link.a, ...ref } };
  return link.b === null ? link : { ...link, b: { ...link.b, ...ref } };
}

function quarantineOf(
  sending: Sending,
  outcome: Extract<Outcome, { status: 'rejected' }>,
  wall: number,
): Quarantine {
  const { link } = sending.work.plan;
  const hash = inputHash(sending.write);
  const attempts = link.quarantine?.inputHash === hash ? link.quarantine.attempts + 1 : 1;
  const wait = ITEM_RETRY_MS[attempts - 1];
  return {
    class: outcome.code === 'duplicate-key' ? 'identity' : 'item',
    code: outcome.code,
    message: outcome.message,
    inputHash: hash,
    attempts,
    nextAt: wait === undefined ? null : wall + wait,
  };
}

export function settleRejected(
  on: Settlement,
  sending: Sending,
  outcome: Extract<Outcome, { status: 'rejected' }>,
): LinkPut {
  const { pass, draft, wall } = on;
  const link = sending.work.plan.next;
  draft.closed.push({ id: sending.intent.id, state: 'void', conflicts: [] });
  pass.counts.parked++;
  const quarantine = quarantineOf(sending, outcome, wall);
  const reason = `The ${sending.write.side === 'a' ? 'mailbox' : 'CRM'} refused it: ${outcome.message}`;
  draft.reviews.push(...answeredParked(on, sending.work.plan.link, quarantine));
  draft.reviews.push({ ...parkedReview(on, link, quarantine), reasons: [reason] });
  return stillWork({ ...link, quarantine });
}

/** Nothing took effect, or nobody knows: voided and looked at again, or left open for recovery. */
export function settleOther(on: Settlement, sending: Sending, outcome: Outcome): LinkPut | null {
  const { pass, draft } = on;
  const link = sending.work.plan.next;
  if (outcome.status === 'unknown' || outcome.status === 'duplicate') {
    pass.counts.unknown++;
    return null;
  }
  draft.closed.push({
    id: sending.intent.id,
    state: 'void',
    conflicts: sending.intent.conflicts.map((conflict) => ({ ...conflict, certainty: 'possible' })),
  });
  pass.more = true;
  if (outcome.status === 'retry') pass.waiting.set(sending.write.side, outcome.afterMs ?? 0);
  return { link: lookedAtAnew(link, on.wall), mark: ['a', 'b'] };
}
