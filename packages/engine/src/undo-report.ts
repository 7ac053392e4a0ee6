import type { FieldValue, Side } from '@tidelock/core';
import type { Lane } from './lane.ts';
import { getFields } from './lens.ts';
import { SIDES } from './link-plan.ts';
import type { FieldChange } from './merge-draft.ts';
import { titleOf } from './sending.ts';
import { SIDE_NAME, sayValue } from './sentence.ts';
import type { SkipCode, UndoSkip } from './undo-plan.ts';
import type { Undoing } from './undo-send.ts';

/** One thing that is taken back, or is not, and why. */
export interface UndoItem {
  readonly linkId: string;
  readonly title: string;
  readonly side: Side;
  readonly op: 'create' | 'update' | 'delete' | 'link' | 'unlink';
  readonly changes: readonly FieldChange[];
  /** Fields that wait for a person from now on. */
  readonly holds: readonly string[];
  /**
   * `planned` in a preview; `done`; `skipped` it stays as it is (see `reason`); `held` waits for approval of many
   * deletes; `failed` a store refused it; `open` its fate is not known yet.
   */
  readonly outcome: 'planned' | 'done' | 'skipped' | 'held' | 'failed' | 'open';
  /** A sentence for people, or null. */
  readonly reason: string | null;
  /** Of what is skipped, for programs: `already` as it was, `changed`, `edited`, `expired`, `gone`, `unread`, `unmapped`, `would-notify`. */
  readonly code: SkipCode | null;
}

const OUTCOME = {
  done: 'done',
  open: 'open',
  late: 'open',
  changed: 'skipped',
  gone: 'skipped',
  refused: 'failed',
} as const;

type Result = Undoing['results'] extends Map<Side, infer R> ? R : never;

function resultReason(result: Result | undefined, side: Side, message: string | null): string | null {
  if (result === 'changed')
    return `It was changed in the ${SIDE_NAME[side]} at this very moment; it stays as it is.`;
  if (result === 'gone') return `The record was deleted from the ${SIDE_NAME[side]} meanwhile.`;
  if (result === 'refused') return `The ${SIDE_NAME[side]} refused it: ${message ?? 'no reason given'}`;
  if (result === 'open')
    return `The ${SIDE_NAME[side]} gave no clear answer. Repeat the same undo in a few minutes: it goes on from there.`;
  return null;
}

/** What no create can bring back, whatever the store. */
const LOST =
  'It comes back as a new record with the fields that are synchronised; what else hung on the old one (activities, attachments, photo, other fields) does not.';

const name = (field: string | null): string => (field === null ? 'The record' : `"${field}"`);

const shown = (value: FieldValue): string => sayValue(value);

/** Why one thing is left as it is. */
export function sayUndoSkip(of: UndoSkip): string {
  const where = SIDE_NAME[of.side];
  switch (of.code) {
    case 'already':
      if (of.op === 'create') return `The record is not in the ${where} any more.`;
      if (of.op === 'delete') return `The record is in the ${where}.`;
      return `${name(of.field)} is as it was already.`;
    case 'changed':
      return `${name(of.field)} was changed since in the ${where}: it shows ${shown(of.now)}, and no longer ${shown(of.expected)}.`;
    case 'edited':
      return `The record was edited in the ${where} since it was created: ${name(of.field)} shows ${shown(of.now)}, and was ${shown(of.expected)}.`;
    case 'expired':
      return 'What it was before is not known any more: values are kept for a limited time (history.valueDays), and an answer that was lost left none.';
    case 'gone':
      return `The record is not in the ${where} any more.`;
    case 'unmapped':
      return `${name(of.field)} is no longer part of the mapping.`;
    case 'would-notify':
      return `Taking it back in the ${where} ${shown(of.now).replaceAll("'", '')}, and the policy or the budget for mail does not let that go (events.notify, events.mailBudget).`;
    case 'unread':
      return 'One of the two records cannot be read at this moment.';
  }
}

/** What is said about one pair: its writes, whether it is joined or parted, and what is left as it is. */
export function itemsOf(
  lane: Lane,
  of: Undoing,
  how: { readonly preview: boolean; readonly held: boolean },
): UndoItem[] {
  const { plan, seen, results, message } = of;
  const { link } = plan;
  const found = SIDES.map((side) => {
    const at = seen[side];
    return at.state === 'found' ? getFields(lane.mapping, side, at.record) : {};
  });
  const sent = plan.writes.find((write) => write.op === 'create')?.sent ?? {};
  const title = titleOf(Object.assign({ ...link.shownB, ...link.shownA }, ...found, sent));
  const base = { linkId: link.id, title, changes: [], holds: [], reason: null, code: null };
  const outcome = (result: Result | undefined): UndoItem['outcome'] => {
    if (how.held) return 'held';
    return how.preview ? 'planned' : result === undefined ? 'done' : OUTCOME[result];
  };
  const writes = plan.writes.map((write): UndoItem => {
    const { side, op, changes } = write;
    const result = how.preview ? undefined : (results.get(side) ?? 'open');
    const holds = plan.holds.filter((field) => field in write.sent && !plan.releases.includes(field));
    const reason = resultReason(result, side, message) ?? (op === 'create' ? LOST : null);
    return { ...base, side, op, changes, holds, outcome: outcome(result), reason };
  });
  const parted = plan.status === 'detached' || plan.status === 'live';
  const op = plan.status === 'live' ? 'link' : 'unlink';
  const joins: UndoItem[] =
    parted && plan.writes.length === 0 ? [{ ...base, side: 'a', op, outcome: outcome(undefined) }] : [];
  const skips = plan.skips.map(
    (skip): UndoItem => ({
      ...base,
      side: skip.side,
      op: skip.op,
      outcome: 'skipped',
      reason: sayUndoSkip(skip),
      code: skip.code,
    }),
  );
  return [...writes, ...joins, ...skips];
}
