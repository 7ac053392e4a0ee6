import type { Write } from '@tidelock/core';
import { type Core, store } from './effect.ts';
import type { Pass } from './lane.ts';
import { asWrite } from './mail.ts';
import type { PlanItem } from './plan-item.ts';
import type { Work } from './work.ts';

/** Who would be made because of the writes of these pairs, where the lane makes unknown people: addresses. */
export function* strangersOf(pass: Pass, items: readonly Work[]): Core<ReadonlyMap<Work, readonly string[]>> {
  if (pass.lane.policy.events.newPeople !== true) return new Map();
  const asked = items.flatMap((work) => {
    const write = work.plan.writes.find((one) => one.side === 'b' && one.op !== 'delete');
    const draft: Write | null = write === undefined ? null : asWrite(write);
    return draft === null ? [] : [{ work, draft }];
  });
  if (asked.length === 0) return new Map();
  const found = yield* store(
    'b',
    'strangers',
    asked.map(({ draft }) => draft),
  );
  return new Map(
    asked.map(
      ({ work }, index) => [work, (found[index] ?? []).map(({ email }) => email.toLowerCase())] as const,
    ),
  );
}

/** The rows of a pair with whom they would make. */
export const withStrangers = (
  rows: readonly PlanItem[],
  people: readonly string[] | undefined,
): readonly PlanItem[] =>
  people === undefined || people.length === 0
    ? rows
    : rows.map((row) => (row.side === 'b' && row.action !== 'delete' ? { ...row, people } : row));
