import type { Desk, LaneConfig } from '@tidelock/engine';
import { expect, it } from 'vitest';
import { takeBack, type UndoContext, type UndoScope } from '../src/take-back.ts';

it('an undo of several mailboxes has one budget for mail between them, and the next one another', async () => {
  const lane = { spec: { id: 'l' }, policy: { scope: null } } as unknown as LaneConfig;
  const spent: unknown[] = [];
  const undo: Desk['undo'] = async (laneId, { spentOf }) => {
    spent.push(spentOf?.(lane));
    return { laneId, items: [], open: 0 } as unknown as Awaited<ReturnType<Desk['undo']>>;
  };
  const context = { desk: async () => ({ undo }) } as unknown as UndoContext;
  const lanes = ['one', 'two'].map((laneId) => ({ laneId, mailbox: laneId, target: { runId: 'r' } }));
  const scope: UndoScope = { kind: 'period', title: '', lanes };
  await takeBack(context, scope, { mode: 'hold', preview: true });
  await takeBack(context, scope, { mode: 'hold', preview: false });
  const [first, second, third, fourth] = spent;
  expect([first === second, third === fourth, first === third]).toEqual([true, true, false]);
  expect(first).toMatchObject({ people: 0 });
});
