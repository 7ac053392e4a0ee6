import type { FieldValue, Intent, Side, Write } from '@tidelock/core';
import type { PlanItem } from '@tidelock/engine';
import { norm } from './ledger.ts';
import { CheckFailed } from './sim.ts';
import { type Desk, refOf } from './watch-desk.ts';

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

function rowFor(
  desk: Desk,
  rows: readonly PlanItem[],
  of: { side: Side; intent: Intent; write: Write },
): PlanItem {
  const { side, intent, write } = of;
  const from = other(side);
  const link = desk.sim.state.tables.lanes.get(intent.laneId)?.links.get(intent.linkId)?.link;
  const source = link && refOf(link, from)?.id;
  const isOurs = (row: PlanItem): boolean =>
    write.op === 'create'
      ? row[from].some(({ id }) => id === source)
      : row[side].some(({ id }) => id === write.id);
  const row = rows.find((one) => one.side === side && one.action === write.op && isOurs(one));
  if (row !== undefined) return row;
  throw new CheckFailed('P1', `${write.op} of ${intent.targetId} is not in the plan that was approved`);
}

function checkContent(
  desk: Desk,
  row: PlanItem,
  of: { side: Side; patch: Readonly<Record<string, FieldValue>> },
): void {
  for (const [property, value] of Object.entries(of.patch)) {
    const field = desk.mapping.fields.find((one) => one.property[of.side] === property);
    const change = row.changes.find((one) => one.field === field?.name && one.to === of.side);
    const held = change && field?.project(of.side, change.new);
    if (change === undefined || (norm(change.new) !== norm(value) && norm(held) !== norm(value)))
      throw new CheckFailed(
        'P1',
        `${property} is written as ${JSON.stringify(value)}, approved was ${change?.new}`,
      );
  }
}

/** What is sent while an approved plan is carried out: exactly what it says, on the versions that it names (10.1). */
export function checkPlanned(desk: Desk, of: { side: Side; intent: Intent; write: Write }): void {
  const { side, write } = of;
  if (desk.approved === null) return;
  const row = rowFor(desk, desk.approved, of);
  if (write.op === 'create') {
    checkContent(desk, row, { side, patch: write.fields });
    return;
  }
  const version = row[side].find(({ id }) => id === write.id)?.version;
  if (version !== write.version)
    throw new CheckFailed(
      'P1',
      `${write.id} is written at ${write.version}, the plan was made on ${version}`,
    );
  if (write.op === 'update') checkContent(desk, row, { side, patch: write.patch });
}
