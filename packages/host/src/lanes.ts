import { createHash } from 'node:crypto';
import type {
  AssignmentRow,
  CrmPort,
  Fields,
  LaneSpec,
  MailboxPort,
  Mapping,
  RecordStore,
  ScopeRule,
  TenantStore,
} from '@tidelock/core';
import { DEFAULT_POLICY, type LaneConfig, type LanePolicy } from '@tidelock/engine';
import type { LoadedAdapters } from './adapters.ts';
import type { Config } from './config.ts';
import { crmChoices, MAIN_CRM, ofCrm } from './crm-connections.ts';
import { crmEvents, crmProperties, withEvents } from './crm-scope.ts';
import { eventsFinding, openEventLane, unsupportedFinding } from './event-lanes.ts';
import { mondayOf, windowOf } from './event-window.ts';
import { calendarLabel } from './lane-label.ts';
import { revisionOf } from './lane-revision.ts';
import { inviter, peopleFinding } from './new-people.ts';
import { once } from './once.ts';
import { NOBODY_YET, type PlatformFinding } from './platform-finding.ts';
import { effectiveProfile, type Profile, profileNames } from './profiles/effective.ts';
import { type Nominations, nominate } from './profiles/nominate.ts';
import { enrol, isReached, type Roster, type RosterEntry, takesPart } from './profiles/roster.ts';

export interface LaneInfo {
  readonly id: string;
  readonly kind: 'contact' | 'event';
  /** What to call it on a screen: the mailbox, and that it is its calendar. */
  readonly label: string;
  /** Address of the mailbox, as the directory has it. */
  readonly mailbox: string;
  readonly mailboxId: string;
  readonly records: 'own' | 'all' | readonly string[];
  /** Name of the CRM connection. */
  readonly crm: string;
  /** The CRM user whose records take part and who owns new ones. */
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly profile: string;
  /** Which rule gave it the profile. */
  readonly rule: string;
}

export interface ResolvedLane {
  readonly info: LaneInfo;
  readonly config: LaneConfig;
}

export interface Lanes {
  /**
   * Asks directory and CRM anew; what `resolve` and the others answer afterwards is what they said. Throws what they throw, and
   * then everything stays as it was.
   */
  refresh(): Promise<void>;
  /** Asks directory and CRM once; mailboxes that cannot take part become findings. */
  resolve(): Promise<readonly ResolvedLane[]>;
  findings(): readonly PlatformFinding[];
  /** Who is named by the rules, with the state of each mailbox. Asks the directory once. */
  nominations(): Promise<Nominations>;
  /** The same with rules and CRM users. Asks directory and CRM once. */
  roster(): Promise<Roster>;
  profiles(): readonly Profile[];
  /** The windows of events are of a week that is over: `refresh` opens new ones. */
  isOver(): boolean;
  /** Mapping of the default profile, by its CRM connection. */
  mapping(): Mapping;
}

export interface LanesOptions {
  readonly config: Config;
  readonly ports: {
    readonly mailbox: MailboxPort;
    readonly crms: ReadonlyMap<string, CrmPort>;
    readonly state: { readonly tenants: TenantStore };
  };
  readonly adapters: LoadedAdapters;
  readonly signal?: AbortSignal | undefined;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** One configuration file is one tenant. */
export const TENANT = 'default';
/** Before a mailbox's id in the key of its store. */
export const MAILBOX = 'mailbox:';
/** Before it in the key of its calendar. */
export const CALENDAR = 'calendar:';
/** What the contract calls the mailbox property that opts a contact in. */
const CATEGORIES = 'categories';

/** Key of the store of contacts, or of events, of one CRM connection. */
export const crmStoreOf = (crm: string, kind: LaneInfo['kind'] = 'contact'): string =>
  crm === MAIN_CRM ? `crm:${kind}` : `crm/${crm}:${kind}`;

/** A mailbox with another CRM is another lane: its pairs with the first one rest. */
export function laneIdOf(
  config: Config,
  mailboxId: string,
  of: { readonly crm: string; readonly kind?: LaneInfo['kind'] },
): string {
  const { crm, kind = 'contact' } = of;
  const { options } = config.adapters.mailbox;
  const tenant = (options as { readonly tenant?: unknown } | null)?.tenant ?? null;
  const choice = crmChoices(config).find(({ name }) => name === crm);
  const named = crm === MAIN_CRM ? [] : [crm];
  const kinds = kind === 'contact' ? [] : [{ kind }];
  const pair = [config.adapters.mailbox.adapter, mailboxId, choice?.adapter ?? null];
  const parts = [tenant, ...pair, ...named, ...kinds];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

const optIn = (categories: readonly string[] | null): ScopeRule[] =>
  categories === null ? [] : [{ field: CATEGORIES, in: [...categories] }];

const mark = (categories: readonly string[] | null): Fields => {
  const [first] = categories ?? [];
  return first === undefined ? {} : { [CATEGORIES]: [first] };
};

function policyOf(config: Config, entry: RosterEntry): LanePolicy {
  const { sync } = config;
  const { name, contacts } = entry.profile;
  const { create, onDelete } = contacts;
  return {
    ...DEFAULT_POLICY,
    master: contacts.master === 'crm' ? 'b' : 'a',
    skewMs: sync.conflictSkewSeconds * 1000,
    create: { a: create.mailbox, b: create.crm },
    onDelete: { a: onDelete.mailbox, b: onDelete.crm },
    brake: { ...DEFAULT_POLICY.brake, ...sync.brake },
    owners: entry.owners,
    scope: { name: `profile "${name}"`, rules: { a: optIn(contacts.categories), b: contacts.filter } },
    createWith: { a: mark(contacts.categories), b: {} },
    createOwner: entry.match.user?.id ?? null,
    region: sync.region,
    holdMs: sync.recoveryHoldSeconds === undefined ? null : sync.recoveryHoldSeconds * 1000,
    maxLinks: sync.maxLinksPerPass,
    auditMs: sync.auditHours === null ? null : sync.auditHours * 3_600_000,
  };
}

function infoOf(entry: RosterEntry, of: Pick<LaneInfo, 'id' | 'kind' | 'label'>): LaneInfo {
  const { mailbox, match, profile, records, rule } = entry;
  return {
    ...of,
    mailbox: mailbox.address,
    mailboxId: mailbox.id,
    records,
    crm: profile.crm,
    owner: match.user && { id: match.user.id, name: match.user.name },
    profile: profile.name,
    rule,
  };
}

function openLane(
  { config, ports }: LanesOptions,
  entry: RosterEntry,
  crm: { readonly store: RecordStore; readonly properties: readonly string[] },
): ResolvedLane {
  const { mailbox, folders, profile } = entry;
  const policy = policyOf(config, entry);
  const { mapping } = profile.contacts;
  const chosen = folders === null ? {} : { folders };
  const spec: LaneSpec = {
    id: laneIdOf(config, mailbox.id, { crm: profile.crm }),
    tenantId: TENANT,
    storeA: `${MAILBOX}${mailbox.id}`,
    storeB: crmStoreOf(profile.crm),
    label: mailbox.address,
  };
  return {
    info: infoOf(entry, { id: spec.id, kind: 'contact', label: mailbox.address }),
    config: {
      spec,
      stores: { a: ports.mailbox.open({ mailbox: mailbox.id, kind: 'contact', ...chosen }), b: crm.store },
      mapping,
      policy,
      revision: revisionOf([mapping, crm.properties], spec, folders, policy),
    },
  };
}

/** The calendars of these mailboxes; what keeps one off is noted. */
function openCalendars(
  options: LanesOptions,
  entries: readonly RosterEntry[],
  of: { readonly found: PlatformFinding[]; readonly now: number },
): ResolvedLane[] {
  const { config, ports } = options;
  const { found, now } = of;
  const all = entries.flatMap(withEvents);
  const eventsOf = crmEvents(ports.crms, all, now);
  const invite = inviter(ports.crms, entries);
  return all.flatMap(([events, entry]): ResolvedLane[] => {
    const { mailbox, profile } = entry;
    const { crm } = profile;
    const label = calendarLabel(mailbox.address);
    const spec: LaneSpec = {
      id: laneIdOf(config, mailbox.id, { crm, kind: 'event' }),
      tenantId: TENANT,
      storeA: `${CALENDAR}${mailbox.id}`,
      storeB: crmStoreOf(crm, 'event'),
      label,
    };
    try {
      const { store, scope } = invite(eventsOf(crm), events, entry);
      const policy = policyOf(config, entry);
      const opening = { spec, events, mapping: events.mapping, policy, crm: store, now };
      const info = infoOf(entry, { id: spec.id, kind: 'event', label });
      const opened = openEventLane(ports.mailbox, entry, opening);
      const window = windowOf(events.window, now);
      const { mapping, ...rules } = events;
      const revision = revisionOf([mapping, scope], spec, rules, policy, window);
      return [{ info, config: { ...opened, revision } }];
    } catch (error) {
      const finding = unsupportedFinding(error, mailbox.address);
      if (finding === null) throw error;
      found.push(finding);
      return [];
    }
  });
}

/** What directory and CRM said, asked for when it is first needed. */
interface Asked extends Pick<Lanes, 'nominations' | 'roster' | 'resolve'> {
  readonly found: PlatformFinding[];
  /** Which day it was. */
  readonly now: number;
}

/** Lanes over everybody who takes part; what keeps others off is put into `found`. */
function openLanes(
  options: LanesOptions,
  { entries, findings }: Roster,
  of: { readonly profiles: readonly Profile[]; readonly found: PlatformFinding[]; readonly now: number },
): readonly ResolvedLane[] {
  const { found } = of;
  const events = of.profiles.flatMap((profile) => eventsFinding(profile) ?? peopleFinding(profile) ?? []);
  found.length = 0;
  if (entries.length === 0 && findings.length === 0) found.push(NOBODY_YET);
  found.push(...findings, ...entries.flatMap((entry) => entry.findings), ...events);
  const partners = entries.filter(takesPart);
  const stores = new Map(
    [...Map.groupBy(partners, ({ profile }) => profile.crm)].map(([name, members]) => {
      const properties = crmProperties(members);
      const store = ofCrm(options.ports.crms, name).open({ kind: 'contact', properties });
      return [name, { store, properties }] as const;
    }),
  );
  const contacts = partners.map((entry) => openLane(options, entry, ofCrm(stores, entry.profile.crm)));
  return [...contacts, ...openCalendars(options, entries.filter(isReached), of)];
}

export function createLanes(options: LanesOptions): Lanes {
  const { config, ports, adapters } = options;
  const call = { signal: options.signal };
  const shipped = new Map(
    [...adapters.crms].map(([name, { manifest }]) => {
      const { mapping: contacts, eventMapping: events } = manifest;
      return [name, { contacts, events }] as const;
    }),
  );
  const profiles = (): readonly Profile[] =>
    profileNames(config).map((name) => effectiveProfile(config, name, shipped));
  const decisions = async (): Promise<ReadonlyMap<string, AssignmentRow['decided']>> =>
    new Map((await ports.state.tenants.assignments(TENANT)).map((row) => [row.mailboxId, row.decided]));
  const ask = (): Asked => {
    const found: PlatformFinding[] = [];
    const nominations = once(() => nominate(config, { port: ports.mailbox, call }));
    const roster = once(async () =>
      enrol(await nominations(), { config, ports, shipped, call, decided: await decisions() }),
    );
    const now = options.now();
    const resolve = once(async () =>
      openLanes(options, await roster(), { profiles: profiles(), found, now }),
    );
    return { nominations, roster, resolve, found, now };
  };
  let asked = ask();
  return {
    async refresh() {
      const next = ask();
      await next.resolve();
      asked = next;
    },
    resolve: () => asked.resolve(),
    findings: () => [...asked.found],
    nominations: () => asked.nominations(),
    roster: () => asked.roster(),
    profiles,
    isOver: () => mondayOf(options.now()) !== mondayOf(asked.now),
    mapping: () => effectiveProfile(config, config.defaultProfile, shipped).contacts.mapping,
  };
}
