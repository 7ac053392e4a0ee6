import type { AssignmentRow, LaneRow, SyncState, TenantStore } from '@tidelock/core';
import type { Config } from './config.ts';
import { crmChoices } from './crm-connections.ts';
import { CALENDAR, laneIdOf, MAILBOX, TENANT } from './lanes.ts';

const KINDS = [
  { kind: 'contact', prefix: MAILBOX },
  { kind: 'event', prefix: CALENDAR },
] as const;

/** The mailbox that a lane belongs to, and the lane of its contacts with the same CRM; null = another configuration's. */
function placeOf(
  config: Config,
  row: LaneRow,
): { readonly mailboxId: string; readonly contacts: string } | null {
  for (const { kind, prefix } of KINDS) {
    const mailboxId = row.storeA.startsWith(prefix) ? row.storeA.slice(prefix.length) : null;
    if (mailboxId === null) continue;
    const choice = crmChoices(config).find(
      ({ name }) => laneIdOf(config, mailboxId, { crm: name, kind }) === row.id,
    );
    if (choice !== undefined)
      return { mailboxId, contacts: laneIdOf(config, mailboxId, { crm: choice.name }) };
  }
  return null;
}

/** A mailbox that follows another CRM by now has left this lane: its pairs here rest. */
function assignmentIn(
  lane: LaneRow,
  contacts: string,
  assignment: AssignmentRow | undefined,
): AssignmentRow | null {
  if (assignment === undefined) return null;
  if (assignment.laneId === contacts) return { ...assignment, laneId: lane.id };
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
  return rows.flatMap((lane) => {
    const place = placeOf(config, lane);
    if (place === null) return [];
    const assignment = assignmentIn(lane, place.contacts, assignments.get(place.mailboxId));
    return [{ lane, assignment }];
  });
}
