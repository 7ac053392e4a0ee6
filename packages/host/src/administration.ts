import {
  AdapterError,
  type AssignmentRow,
  type AuditEntry,
  type AuditRow,
  type Clock,
  type CrmPort,
  type CrmUser,
  InputError,
  type LanePause,
  type Random,
  type StatePort,
} from '@tidelock/core';
import type { Config } from './config.ts';
import { type KnownLane, knownLanes } from './configured-lanes.ts';
import { ofCrm } from './crm-connections.ts';
import { type Lanes, laneIdOf, TENANT } from './lanes.ts';
import { type Recording, recordActs, recordRoster } from './profiles/record-roster.ts';
import type { RosterEntry } from './profiles/roster.ts';

export interface AdministrationParts {
  readonly config: Config;
  readonly state: StatePort;
  readonly crms: ReadonlyMap<string, CrmPort>;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly random: Random;
  /** Who acts: in the audit trail. */
  readonly who: string;
}

export interface AuditQuery {
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly limit: number;
}

/** What administrators do. Every act is recorded with who, when, before and after. */
export interface Administration {
  /** Mailboxes named by address, or all; `[]` when nothing changed. Throws `InputError` for an address that is not known. */
  pause(addresses: readonly string[], reason: string): Promise<readonly string[]>;
  resume(addresses: readonly string[]): Promise<readonly string[]>;
  /**
   * Drops every cursor of a mailbox and of the CRM: the next sync reads both completely again. Pairs stay, so nothing is
   * created or deleted by it; doing it twice is doing it once.
   */
  reset(address: string): Promise<void>;
  /** Decides whose mailbox it is in the CRM, by e-mail or id of the user; `null` takes the decision back. */
  match(address: string, user: string | null): Promise<CrmUser | null>;
  roster(): Promise<readonly RosterEntry[]>;
  /** Who follows which profile and whose each mailbox is, as of the last run. Makes no request. */
  assignments(): Promise<readonly AssignmentRow[]>;
  /** Newest first. */
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>;
  record(act: Pick<AuditRow, 'act' | 'subject' | 'laneId' | 'before' | 'after'>): Promise<void>;
  /** Remembers who follows which profile, and records every difference to the last run. */
  notice(): Promise<void>;
}

function unknownAddress(address: string, known: readonly KnownLane[]): InputError {
  const names = known.map(({ lane }) => lane.label).sort();
  const reason = `no mailbox of this configuration is called ${address}`;
  const list = names.length === 0 ? 'none yet: run tidelock sync once' : names.slice(0, 10).join(', ');
  return new InputError(reason, [
    { path: address, reason, remedy: `Known: ${list}. List all: tidelock mailboxes` },
  ]);
}

const isRemoved = ({ assignment }: KnownLane): boolean => (assignment?.removedAt ?? null) !== null;

/** A mailbox that has followed another CRM has a lane there, too: the one that a rule names is meant. */
function laneCalled(known: readonly KnownLane[], address: string): KnownLane {
  const lanes = known.filter((one) => one.lane.label.toLowerCase() === address.toLowerCase());
  const lane = lanes.find((one) => !isRemoved(one)) ?? lanes[0];
  if (lane === undefined) throw unknownAddress(address, known);
  return lane;
}

const chosen = (known: readonly KnownLane[], addresses: readonly string[]): readonly KnownLane[] =>
  addresses.length === 0 ? known : addresses.map((address) => laneCalled(known, address));

const page = 500;

async function readAudit(
  parts: AdministrationParts,
  { since, limit }: AuditQuery,
): Promise<readonly AuditEntry[]> {
  const rows: AuditEntry[] = [];
  let before: number | undefined;
  while (rows.length < limit) {
    const query = { limit: Math.min(page, limit - rows.length), ...(since === undefined ? {} : { since }) };
    const more = await parts.state.tenants.audit(TENANT, before === undefined ? query : { ...query, before });
    rows.push(...more);
    before = more.at(-1)?.seq;
    if (more.length < query.limit) break;
  }
  return rows;
}

async function findUser(crm: CrmPort, user: string): Promise<CrmUser> {
  const by = user.includes('@') ? 'email' : 'id';
  const found =
    crm.findUsers === undefined
      ? (await crm.users([user])).filter((one) => one !== null)
      : ((await crm.findUsers(by, [user]))[0] ?? []);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const reason =
    only === undefined ? `the CRM has no user ${user}` : `${found.length} CRM users are called ${user}`;
  const ids = found.map(({ id, name }) => `${id} (${name})`).join(', ');
  const remedy =
    only === undefined ? 'Write the e-mail address or the id of a CRM user.' : `Write the id of one: ${ids}.`;
  throw new InputError(reason, [{ path: user, reason, remedy }]);
}

interface Acting {
  readonly parts: AdministrationParts;
  recording(): Recording;
  known(): Promise<readonly KnownLane[]>;
}

async function reset({ parts, recording, known }: Acting, address: string): Promise<void> {
  const { sync } = parts.state;
  const [one] = chosen(await known(), [address]);
  if (one === undefined) return;
  const { lane } = one;
  const feeds = [...(await sync.feeds(lane.storeA)), ...(await sync.feeds(lane.storeB))];
  const cursors = feeds.filter((feed) => feed.cursor !== null).length;
  for (const store of [lane.storeA, lane.storeB]) await sync.resetFeeds(store);
  await sync.hintLane(lane.id, parts.clock.now());
  const change = { before: { cursors }, after: { cursors: 0 } };
  await recordActs(recording(), [{ act: 'reset', subject: lane.label, laneId: lane.id, ...change }]);
}

const isCalled = (entry: RosterEntry, address: string): boolean =>
  [entry.address, entry.mailbox.address].some((name) => name.toLowerCase() === address.toLowerCase());

async function entryCalled({ parts, known }: Acting, address: string): Promise<RosterEntry> {
  const { entries } = await parts.lanes.roster();
  const entry = entries.find((one) => isCalled(one, address));
  if (entry === undefined) throw unknownAddress(address, await known());
  return entry;
}

/** The row of a mailbox, noted now if it was not yet. */
async function noted({ parts, recording }: Acting, entry: RosterEntry): Promise<AssignmentRow> {
  const roster = await parts.lanes.roster();
  await recordRoster(recording(), { roster, profiles: parts.lanes.profiles() });
  const rows = await parts.state.tenants.assignments(TENANT);
  const row = rows.find(({ mailboxId }) => mailboxId === entry.mailbox.id);
  if (row !== undefined) return row;
  throw new AdapterError('protocol', 'The assignment was not kept.', { operation: 'mailboxes.match' });
}

async function matchMailbox(
  acting: Acting,
  of: { readonly address: string; readonly user: string | null },
): Promise<CrmUser | null> {
  const { parts, recording } = acting;
  const entry = await entryCalled(acting, of.address);
  const crm = ofCrm(parts.crms, entry.profile.crm);
  const user = of.user === null ? null : await findUser(crm, of.user);
  const row = await noted(acting, entry);
  const on = recording();
  const decided = user && { crmUserId: user.id, by: parts.who, at: on.now };
  const crmUser = user && { id: user.id, name: user.name, email: user.email };
  const found = crmUser === null ? {} : { crmUser, matchedBy: 'decided' };
  await parts.state.tenants.putAssignments([{ ...row, decided, ...found }]);
  const change = { before: row.decided?.crmUserId ?? null, after: decided?.crmUserId ?? null };
  await recordActs(on, [{ act: 'mailbox.decided', subject: row.address, laneId: row.laneId, ...change }]);
  return user;
}

export function createAdministration(parts: AdministrationParts): Administration {
  const { config, state, clock, random, who } = parts;
  const recording = (): Recording => ({
    ...{ tenants: state.tenants, tenantId: TENANT, random, who, now: clock.now() },
    laneIdOf: (mailboxId, crm) => laneIdOf(config, mailboxId, { crm }),
  });
  const known = () => knownLanes(config, state);
  const setPause = async (
    addresses: readonly string[],
    pause: LanePause | null,
  ): Promise<readonly string[]> => {
    const lanes = chosen(await known(), addresses).filter(
      ({ lane }) => (lane.paused === null) !== (pause === null),
    );
    for (const { lane } of lanes) {
      await state.sync.pauseLane(lane.id, pause);
      // What was counted meanwhile need not wait for the next look.
      if (pause === null) await state.sync.hintLane(lane.id, clock.now());
    }
    const act = pause === null ? 'resume' : 'pause';
    const acts = lanes.map(({ lane }) => ({
      ...{ act, subject: lane.label, laneId: lane.id },
      ...{ before: lane.paused, after: pause },
    }));
    await recordActs(recording(), acts);
    return lanes.map(({ lane }) => lane.label);
  };
  const acting: Acting = { parts, recording, known };
  return {
    pause: (addresses, reason) => setPause(addresses, { by: who, at: clock.now(), reason, under: null }),
    resume: (addresses) => setPause(addresses, null),
    reset: (address) => reset(acting, address),
    match: (address, user) => matchMailbox(acting, { address, user }),
    roster: async () => (await parts.lanes.roster()).entries,
    assignments: () => state.tenants.assignments(TENANT),
    audit: (query) => readAudit(parts, query),
    record: (act) => recordActs(recording(), [act]),
    notice: async () =>
      recordRoster(recording(), { roster: await parts.lanes.roster(), profiles: parts.lanes.profiles() }),
  };
}
