import type { AssignmentRow, LaneRow, SyncState, TenantStore } from '@tidelock/core';
import type { Config } from './config.ts';
import { crmChoices } from './crm-connections.ts';
import { laneIdOf, MAILBOX, TENANT } from './lanes.ts';

function isOf(config: Config, row: LaneRow): boolean {
  if (!row.storeA.startsWith(MAILBOX)) return false;
  const mailboxId = row.storeA.slice(MAILBOX.length);
  return crmChoices(config).some(({ name }) => laneIdOf(config, mailboxId, name) === row.id);
}

/** A mailbox that follows another CRM by now has left this lane: its pairs here rest. */
function assignmentIn(lane: LaneRow, assignment: AssignmentRow | undefined): AssignmentRow | null {
  if (assignment === undefined || assignment.laneId === lane.id) return assignment ?? null;
  return { ...assignment, laneId: lane.id, profile: null, blocked: null, removedAt: assignment.at };
}

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
  const assignments = new Map((await of.tenants.assignments(TENANT)).map((row) => [row.mailboxId, row]));
  const rows = await of.sync.lanes();
  return rows
    .filter((row) => isOf(config, row))
    .map((lane) => {
      const assignment = assignments.get(lane.storeA.slice(MAILBOX.length));
      return { lane, assignment: assignmentIn(lane, assignment) };
    });
}
