import { type LaneUndo, undoCounts, undoLines } from '@tidelock/host';
import * as z from 'zod';
import { Side, toSide, toValue, Value } from './answers.ts';

const Item = z.object({
  linkId: z.string(),
  title: z.string(),
  side: Side,
  op: z.enum(['create', 'update', 'delete', 'link', 'unlink']),
  outcome: z.enum(['planned', 'done', 'skipped', 'held', 'failed', 'open']),
  lines: z.array(z.string()).meta({ description: 'What is taken back, for people.' }),
  reason: z.string().nullable(),
  code: z.string().nullable(),
  changes: z.array(z.object({ field: z.string(), old: Value, new: Value })),
  holds: z.array(z.string()),
});

export const Undone = z
  .object({
    counts: z.record(z.string(), z.int()),
    lanes: z.array(
      z.object({
        laneId: z.string(),
        mailbox: z.string(),
        runId: z.string().nullable(),
        paused: z.boolean(),
        stopped: z.boolean(),
        unfinished: z.boolean(),
        held: z.object({ hash: z.string(), count: z.int(), reason: z.string() }).nullable(),
        items: z.array(Item),
      }),
    ),
  })
  .meta({ id: 'Undone' });

const toItem = (item: LaneUndo['items'][number]): z.infer<typeof Item> => ({
  ...{ linkId: item.linkId, title: item.title, side: toSide(item.side), op: item.op },
  ...{ outcome: item.outcome, reason: item.reason, code: item.code, holds: [...item.holds] },
  lines: undoLines(item),
  changes: item.changes.map(({ field, old, new: now }) => ({ field, old: toValue(old), new: toValue(now) })),
});

export function toUndone(reports: readonly LaneUndo[]): z.infer<typeof Undone> {
  return {
    counts: { ...undoCounts(reports) },
    lanes: reports.map(({ laneId, mailbox, runId, paused, stopped, unfinished, held, items }) => ({
      ...{ laneId, mailbox, runId, paused, stopped, unfinished, items: items.map(toItem) },
      held: held && { hash: held.hash, count: held.count, reason: held.reason },
    })),
  };
}
