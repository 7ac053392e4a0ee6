import type { HistoryRow, Intent, LaneRow, Link, Mapping, Review, Side, Suspect } from '@tidelock/core';
import type { CompiledMapping } from './lens.ts';
import { LEFT_SCOPE } from './link-plan.ts';
import { DEFAULT_POLICY, type LanePolicy } from './policy.ts';
import { isSecondLook } from './second-look.ts';
import { type Sentence, SIDE_NAME, sayCause, sayInstant, sentence } from './sentence.ts';
import { whyEvent, whyWithheld } from './why-event.ts';
import { sayNextTry } from './why-parked.ts';
import { whyScopeWait } from './why-scope.ts';
import { WOULD_NOTIFY } from './withheld.ts';

/** All that is known about one link. Nothing here is asked of a store. */
export interface WhyInput {
  readonly link: Link;
  /** What feeds said about its records since. */
  readonly suspects: readonly Suspect[];
  /** Open reviews that concern it. */
  readonly reviews: readonly Review[];
  /** Open intents. */
  readonly intents: readonly Intent[];
  /** Newest first. */
  readonly history: readonly HistoryRow[];
  readonly lane: LaneRow;
  /** `events`: absent = as nobody configured it. */
  readonly policy: Pick<LanePolicy, 'create' | 'onDelete'> & Partial<Pick<LanePolicy, 'events'>>;
  readonly rules: Mapping['fields'];
  /** What the stores can hold; null = they were not asked, and answers about a field are less exact. */
  readonly mapping: CompiledMapping | null;
}

const SIDES = ['a', 'b'] as const;
const ENDED: ReadonlySet<Link['status']> = new Set(['tomb', 'merged', 'detached']);
const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');
const isGone = (link: Link, side: Side): boolean => (side === 'a' ? link.goneA : link.goneB);
const isDirty = (link: Link, side: Side): boolean =>
  side === 'a' ? link.dirtyA > link.cleanA : link.dirtyB > link.cleanB;
const rowOf = (input: WhyInput, ...ops: HistoryRow['op'][]): HistoryRow | undefined =>
  input.history.find((row) => ops.includes(row.op));
const reviewOf = (input: WhyInput, kind: Review['kind']): string | null =>
  input.reviews.find((review) => review.kind === kind)?.id ?? null;

/** ` on 2 May 2026 10:03 UTC, because ...` */
const whenAndWhy = (row: HistoryRow): string => ` on ${sayInstant(row.at)}, ${sayCause(row.rule, row.side)}`;

/** When a read proved that the record on this side is gone. */
function proof(input: WhyInput, side: Side): string {
  const row = input.history.find((one) => one.op === 'gone' && one.side === side);
  return row === undefined ? '' : ` (a read proved it on ${sayInstant(row.at)})`;
}

function whyTomb(input: WhyInput): Sentence {
  const row = rowOf(input, 'delete', 'gone');
  if (row?.op === 'delete') {
    const from = other(row.side);
    const text = `Both records are gone: Tidelock deleted the one in the ${SIDE_NAME[row.side]}${whenAndWhy(row)}${proof(input, from)}.`;
    return sentence('deleted', 'rests', { text });
  }
  const when = row === undefined ? '' : `, the last since ${sayInstant(row.at)}`;
  return sentence('gone', 'rests', {
    text: `Every record of this pair is gone${when}. Tidelock deleted neither of them.`,
  });
}

function whyDetached(input: WhyInput): Sentence {
  const row = rowOf(input, 'unlink');
  const how = row === undefined ? '' : whenAndWhy(row);
  return sentence('detached', 'rests', {
    text: `Unlinked for good${how}. What is left of the pair stays as it is: it is not written, not deleted, and its partner is not created again.`,
  });
}

function whyMerged(input: WhyInput): Sentence {
  const { link } = input;
  const side: Side = link.a === null ? 'a' : 'b';
  const decide = reviewOf(input, 'duplicate');
  return sentence('merged', decide === null ? 'rests' : 'asks', {
    text: `The record in the ${SIDE_NAME[side]} was merged there into another one, which has a partner already. The one in the ${SIDE_NAME[other(side)]} stays as it is, and no new partner is created for it.`,
    decide,
  });
}

function whyOut(input: WhyInput): Sentence {
  const { link } = input;
  const row = input.history.find(({ op, rule }) => op === 'hold' && rule.startsWith(LEFT_SCOPE));
  const since = row === undefined ? '' : ` since ${sayInstant(row.at)}`;
  const gone = SIDES.filter((side) => isGone(link, side)).map((side) => SIDE_NAME[side]);
  const then =
    gone.length > 0
      ? `The record in the ${gone.join(' and in the ')} was deleted meanwhile, so the next look unlinks the pair.`
      : 'When it comes back, the two are compared again.';
  const named = row?.rule.slice(LEFT_SCOPE.length + 2) ?? '';
  const alone = link.a === null ? 'b' : link.b === null ? 'a' : null;
  if (alone !== null && named !== '')
    return sentence('not-created', 'rests', {
      text: `Exists only in the ${SIDE_NAME[alone]}${since}, and is not created in the ${SIDE_NAME[other(alone)]}: ${named}. Nothing is written until that changes.`,
    });
  const what =
    named === ''
      ? 'one of the two records is outside the folder, the filter or its owner'
      : `${named}, and one of the two records is no such record`;
  return sentence('frozen', 'rests', {
    text: `Frozen${since}: ${what}. That never deletes anything: nothing is written to either side. ${then}`,
  });
}

function whyHeld({ lane }: WhyInput, what: string): Sentence | null {
  const { held } = lane;
  if (held === null) return null;
  if (lane.approved.some(({ hash }) => hash === held.hash))
    return sentence('held-approved', 'waits', {
      text: `${what} The brake held that, and a person approved it: the next sync does it.`,
    });
  const others = held.count > 1 ? `, with ${held.count - 1} more,` : '';
  return sentence('held', 'asks', {
    text: `${what} The brake holds that${others} under hash ${held.hash}: ${held.reason}. Nothing is deleted or emptied until a person approves.`,
    decide: held.hash,
  });
}

const isHeld = ({ lane, link }: WhyInput): boolean => lane.held?.linkIds.includes(link.id) === true;

function whyGone(input: WhyInput): Sentence | null {
  const { link, policy } = input;
  const gone = SIDES.filter((side) => isGone(link, side));
  const [side] = gone;
  if (side === undefined) return null;
  const to = SIDE_NAME[other(side)];
  const what = `The record was deleted from the ${SIDE_NAME[side]}${proof(input, side)}.`;
  const partner = side === 'a' ? link.b : link.a;
  if (gone.length > 1 || partner === null)
    return sentence('gone-everywhere', 'waits', {
      text: `${what} Nothing is left; the next sync closes the pair.`,
    });
  if (isHeld(input)) return whyHeld(input, `${what} Its partner in the ${to} is to be deleted.`);
  const waits = whyScopeWait(input.history, what);
  if (waits !== null) return waits;
  const next =
    policy.onDelete[side] === 'delete'
      ? `the next sync deletes its partner in the ${to}, unless that was edited: then the edit wins and the record is created again`
      : `the next sync unlinks the pair, and its partner in the ${to} stays (onDelete: unlink)`;
  return sentence('gone-here', 'waits', { text: `${what} After reading both once more ${next}.` });
}

function whySettling({ intents }: WhyInput): Sentence[] {
  return intents.map((intent) =>
    sentence('settling', 'waits', {
      text: `A write to the ${SIDE_NAME[intent.side]} (${intent.op}) of ${sayInstant(intent.sentAt)} has no answer yet. Nothing else is written to this pair until the store has been asked what became of it, which waits until no old request can still arrive.`,
    }),
  );
}

const eventsOf = ({ policy }: WhyInput): LanePolicy['events'] => policy.events ?? DEFAULT_POLICY.events;

function whyParked(input: WhyInput): Sentence | null {
  const { quarantine } = input.link;
  if (quarantine === null) return null;
  const { attempts, code, message, nextAt } = quarantine;
  if (code === WOULD_NOTIFY)
    return whyWithheld(quarantine, { mail: eventsOf(input).mail, decide: reviewOf(input, 'parked') });
  if (isSecondLook(quarantine))
    return sentence('second-look', 'waits', {
      text: `A record is said to be gone, moved or back again. ${message} The first sync after ${sayInstant(nextAt ?? 0)} does that; nothing is concluded before.`,
    });
  const tries = attempts === 1 ? 'once' : `${attempts} times`;
  return sentence('parked', 'asks', {
    text: `Parked: a store refused the write ${tries}, with ${code}: ${message} ${sayNextTry(nextAt)} Nothing is lost meanwhile.`,
    decide: reviewOf(input, 'parked'),
  });
}

function whyHalf({ link, policy, intents }: WhyInput): Sentence | null {
  if (link.status !== 'half' || link.goneA || link.goneB) return null;
  const from: Side = link.a === null ? 'b' : 'a';
  const to = other(from);
  const only = `Exists only in the ${SIDE_NAME[from]}.`;
  if (!policy.create[to])
    return sentence('create-off', 'rests', {
      text: `${only} It is not created in the ${SIDE_NAME[to]}, because creating there is switched off (sync.create.${to === 'a' ? 'mailbox' : 'crm'}: false).`,
    });
  if (link.quarantine !== null || intents.length > 0) return null;
  return sentence('to-create', 'waits', {
    text: `${only} The next sync creates it in the ${SIDE_NAME[to]}.`,
  });
}

function whyReported({ link, suspects }: WhyInput): Sentence[] {
  if (ENDED.has(link.status)) return [];
  return suspects.map(({ side, why, at }) => {
    const said = why === 'merged' ? 'merged into another record' : why === 'missing' ? 'missing' : 'removed';
    return sentence('to-verify', 'waits', {
      text: `On ${sayInstant(at)} the ${SIDE_NAME[side]} reported the record as ${said}. The next sync reads it before anything is concluded.`,
    });
  });
}

function whyWaiting(input: WhyInput): Sentence | null {
  const { link } = input;
  if (link.status !== 'live' || link.goneA || link.goneB || link.quarantine !== null) return null;
  if (isHeld(input)) return whyHeld(input, 'A field of this record is to be emptied.');
  const sides = SIDES.filter((side) => isDirty(link, side)).map((side) => SIDE_NAME[side]);
  if (sides.length > 0)
    return sentence('to-compare', 'waits', {
      text: `The ${sides.join(' and the ')} reported a change that was not looked at yet. The next sync compares the two records.`,
    });
  if (link.shownA !== null && link.shownB !== null) return null;
  return sentence('to-compare', 'waits', { text: 'Linked, and not compared yet. The next sync does that.' });
}

function whyFields(input: WhyInput): Sentence[] {
  if (ENDED.has(input.link.status)) return [];
  const held = input.link.holds.map((field) => {
    const review = input.reviews.find(
      ({ kind, reasons }) => kind === 'conflict' && reasons.some((reason) => reason.startsWith(`"${field}"`)),
    );
    const undone = review?.reasons.find((reason) => reason.startsWith(`"${field}" was undone`));
    if (undone !== undefined)
      return sentence('held-field', 'asks', { text: undone, field, decide: review?.id ?? null });
    const [reason] = review?.reasons ?? [];
    const found = reason !== undefined && !reason.includes('was changed on both sides') ? reason : null;
    return sentence('held-field', 'asks', {
      text:
        found ??
        `"${field}" was changed on both sides to different values, and its rule says to ask (conflict: hold). It is written on neither side until a person decides.`,
      field,
      decide: review?.id ?? null,
    });
  });
  const notes = input.reviews
    .filter(({ kind }) => kind === 'unresolved')
    .map(({ id, reasons }) => sentence('unresolved', 'asks', { text: reasons.join(' '), decide: id }));
  return [...held, ...notes];
}

function whyInStep(input: WhyInput, besides: readonly Sentence[]): Sentence {
  const row = rowOf(input, 'create', 'update', 'link');
  const except = besides.length > 0 ? ', except for what is said below' : '';
  const since = besides.length > 0 ? '' : ' Neither side was seen to change since.';
  if (row === undefined)
    return sentence('in-step', 'fine', { text: `In step${except}. No change of it is in history.` });
  const what: Partial<Record<HistoryRow['op'], string>> = {
    create: `it was created in the ${SIDE_NAME[row.side]}`,
    update: `the ${SIDE_NAME[row.side]} was updated`,
    link: 'the two were linked',
  };
  const how = what[row.op] ?? 'it was last touched';
  return sentence('in-step', 'fine', {
    text: `In step since ${sayInstant(row.at)}${except}: then ${how}, ${sayCause(row.rule, row.side)}.${since}`,
  });
}

function whyLane({ lane, link }: WhyInput): Sentence | null {
  if (ENDED.has(link.status) || lane.errorKind === null) return null;
  const ok = lane.lastOkAt === null ? 'never succeeded' : `last succeeded on ${sayInstant(lane.lastOkAt)}`;
  return sentence('lane-failing', 'asks', {
    text: `The last sync of this mailbox failed (${lane.errorKind}, ${lane.errorCount} in a row); it ${ok}. Until it succeeds, newer changes are not seen and nothing is written.`,
  });
}

/** A person stopped the lane: said first, because nothing else happens before it is over. */
export function whyPaused(lane: LaneRow): Sentence | null {
  const { paused } = lane;
  if (paused === null) return null;
  const because = paused.reason === '' ? '' : ` (${paused.reason})`;
  return sentence('paused', 'asks', {
    text: `This mailbox was paused by ${paused.by} on ${sayInstant(paused.at)}${because}. Nothing is read or written until it is resumed, and nothing is lost meanwhile: tidelock resume ${lane.label}`,
  });
}

const TERMINAL: Partial<Record<Link['status'], (input: WhyInput) => Sentence>> = {
  tomb: whyTomb,
  detached: whyDetached,
  merged: whyMerged,
  out: whyOut,
};

/**
 * What the state of a link is and why, also why nothing happens, in plain sentences: what it is first, then what else
 * bears on it. Pure; never empty.
 */
export function why(input: WhyInput): readonly Sentence[] {
  const settling = whySettling(input);
  const fields = whyFields(input);
  const terminal = TERMINAL[input.link.status];
  const present = (list: readonly (Sentence | null)[]): Sentence[] => list.filter((one) => one !== null);
  const state =
    terminal === undefined
      ? present([whyGone(input), whyParked(input), whyHalf(input), whyWaiting(input)])
      : [terminal(input)];
  const now = [...state, ...settling, ...whyReported(input)];
  const lead = now.length > 0 ? now : [whyInStep(input, fields)];
  return [
    ...lead,
    ...fields,
    ...whyEvent(input.link, eventsOf(input)),
    ...present([ENDED.has(input.link.status) ? null : whyPaused(input.lane), whyLane(input)]),
  ];
}
