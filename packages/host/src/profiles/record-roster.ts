import type { AssignmentRow, AuditRow, Random, TenantStore } from '@tidelock/core';
import { differenceOf, toText } from './document.ts';
import type { Profile } from './effective.ts';
import type { Roster, RosterEntry } from './roster.ts';

export interface Recording {
  readonly tenants: TenantStore;
  readonly tenantId: string;
  readonly random: Random;
  readonly who: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  laneIdOf(mailboxId: string, crm: string): string;
}

type Act = Omit<AuditRow, 'id' | 'tenantId' | 'at' | 'who'>;

const rowOf = (on: Recording, act: Act): AuditRow => ({
  ...act,
  id: on.random.uuid(),
  tenantId: on.tenantId,
  at: on.now,
  who: on.who,
});

/** Appends acts to the trail. */
export async function recordActs(on: Recording, acts: readonly Act[]): Promise<void> {
  if (acts.length > 0) await on.tenants.appendAudit(acts.map((act) => rowOf(on, act)));
}

/** What changed in the file since the last run, and what is in force from now on. */
export async function noticeProfiles(on: Recording, profiles: readonly Profile[]): Promise<Act[]> {
  const before = new Map((await on.tenants.profiles(on.tenantId)).map((row) => [row.name, row.document]));
  const acts: Act[] = [];
  for (const profile of profiles) {
    const { name } = profile;
    const document = toText(profile);
    const old = before.get(name);
    before.delete(name);
    if (old === document) continue;
    const base = { subject: name, laneId: null };
    if (old === undefined)
      acts.push({ ...base, act: 'profile.added', before: null, after: JSON.parse(document) as unknown });
    else acts.push({ ...base, act: 'profile.changed', ...differenceOf(old, document) });
    await on.tenants.putProfile({ tenantId: on.tenantId, name, document, at: on.now });
  }
  for (const [name, document] of before) {
    acts.push({
      ...{ act: 'profile.removed', subject: name, laneId: null },
      ...{ before: JSON.parse(document) as unknown, after: null },
    });
    await on.tenants.removeProfile(on.tenantId, name);
  }
  return acts;
}

function assignmentOf(on: Recording, entry: RosterEntry, old: AssignmentRow | undefined): AssignmentRow {
  const { mailbox, profile, match, findings } = entry;
  const { user } = match;
  const block = findings.find(({ severity }) => severity === 'block');
  return {
    tenantId: on.tenantId,
    mailboxId: mailbox.id,
    address: mailbox.address,
    laneId: on.laneIdOf(mailbox.id, profile.crm),
    profile: profile.name,
    rule: entry.rule,
    crmUser: user && { id: user.id, name: user.name, email: user.email },
    matchedBy: match.by,
    decided: old?.decided ?? null,
    blocked:
      block?.text ?? (profile.contacts.sync ? null : `profile "${profile.name}" says contacts.sync: false`),
    removedAt: null,
    at: on.now,
  };
}

const brief = (row: AssignmentRow) => ({
  profile: row.profile,
  rule: row.rule,
  crmUser: row.crmUser?.id ?? null,
});

function actOn(row: AssignmentRow, old: AssignmentRow | undefined): Act[] {
  const base = { subject: row.address, laneId: row.laneId };
  if (old === undefined) return [{ ...base, act: 'mailbox.assigned', before: null, after: brief(row) }];
  const change = { ...base, before: brief(old), after: brief(row) };
  if (old.removedAt !== null) return [{ ...change, act: 'mailbox.returned' }];
  if (old.profile !== row.profile) return [{ ...change, act: 'mailbox.moved' }];
  if (old.crmUser?.id !== row.crmUser?.id) return [{ ...change, act: 'mailbox.matched' }];
  return [];
}

const isSame = (row: AssignmentRow, old: AssignmentRow | undefined): boolean =>
  old !== undefined && JSON.stringify({ ...old, at: 0 }) === JSON.stringify({ ...row, at: 0 });

/** Of a group that could not be read nobody is known to have left. */
const hasLeft = (row: AssignmentRow, roster: Roster, present: ReadonlySet<string>): boolean =>
  row.removedAt === null && !present.has(row.mailboxId) && !roster.unread.includes(row.rule);

async function noticeMailboxes(on: Recording, roster: Roster): Promise<Act[]> {
  const before = new Map((await on.tenants.assignments(on.tenantId)).map((row) => [row.mailboxId, row]));
  const rows = roster.entries.map((entry) => assignmentOf(on, entry, before.get(entry.mailbox.id)));
  const present = new Set(rows.map((row) => row.mailboxId));
  const left = [...before.values()]
    .filter((row) => hasLeft(row, roster, present))
    .map((row): AssignmentRow => ({ ...row, profile: null, blocked: null, removedAt: on.now, at: on.now }));
  const acts = [
    ...rows.flatMap((row) => actOn(row, before.get(row.mailboxId))),
    ...left.map((row): Act => {
      const old = before.get(row.mailboxId) ?? row;
      return {
        act: 'mailbox.removed',
        subject: row.address,
        laneId: row.laneId,
        before: brief(old),
        after: null,
      };
    }),
  ];
  const changed = [...rows, ...left].filter((row) => !isSame(row, before.get(row.mailboxId)));
  if (changed.length > 0) await on.tenants.putAssignments(changed);
  return acts;
}

/**
 * Remembers who follows which rules, so that `status` and `why` can say so without asking anybody, and writes every
 * difference to the last run into the audit trail.
 */
export async function recordRoster(
  on: Recording,
  of: { readonly roster: Roster; readonly profiles: readonly Profile[] },
): Promise<void> {
  await recordActs(on, [
    ...(await noticeProfiles(on, of.profiles)),
    ...(await noticeMailboxes(on, of.roster)),
  ]);
}
