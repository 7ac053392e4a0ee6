import type { AssignmentRow, LaneRow, SyncState, TenantStore } from '@tidelock/core';
import type { Config } from './config.ts';
import { laneIdOf, MAILBOX, TENANT } from './lanes.ts';

const isOf = (config: Config, row: LaneRow): boolean =>
  row.storeA.startsWith(MAILBOX) && laneIdOf(config, row.storeA.slice(MAILBOX.length)) === row.id;

export interface KnownLane {
  readonly lane: LaneRow;
  /** What the last run knew about the mailbox. */
  readonly assignment: AssignmentRow | null;
}

/**
 * What the state store remembers of this configuration's mailboxes, also of those that no rule names any more, and of no
 * other configuration's. Makes no request.
 */
export async function knownLanes(
  config: Config,
  of: { readonly sync: SyncState; readonly tenants: TenantStore },
): Promise<readonly KnownLane[]> {
  const assignments = new Map((await of.tenants.assignments(TENANT)).map((row) => [row.laneId, row]));
  const rows = await of.sync.lanes();
  return rows
    .filter((row) => isOf(config, row))
    .map((lane) => ({ lane, assignment: assignments.get(lane.id) ?? null }));
}
