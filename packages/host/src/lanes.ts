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
import type { PlatformFinding } from './platform-finding.ts';
import { effectiveProfile, type Profile, profileNames } from './profiles/effective.ts';
import { type Nominations, nominate } from './profiles/nominate.ts';
import { enrol, type Roster, type RosterEntry } from './profiles/roster.ts';

export interface LaneInfo {
  readonly id: string;
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
  /** Asks directory and CRM once; mailboxes that cannot take part become findings. */
  resolve(): Promise<readonly ResolvedLane[]>;
  findings(): readonly PlatformFinding[];
  /** Who is named by the rules, with the state of each mailbox. Asks the directory once. */
  nominations(): Promise<Nominations>;
  /** The same with rules and CRM users. Asks directory and CRM once. */
  roster(): Promise<Roster>;
  profiles(): readonly Profile[];
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
}

/** One configuration file is one tenant. */
export const TENANT = 'default';
/** Before a mailbox's id in the key of its store. */
export const MAILBOX = 'mailbox:';
export const CRM_STORE = 'crm:contact';
/** What the contract calls the mailbox property that opts a contact in. */
const CATEGORIES = 'categories';

/** Key of the store of contacts of one CRM connection. */
export const crmStoreOf = (crm: string): string => (crm === MAIN_CRM ? CRM_STORE : `crm/${crm}:contact`);

/** A mailbox with another CRM is another lane: its pairs with the first one rest. */
export function laneIdOf(config: Config, mailboxId: string, crm: string): string {
  const { options } = config.adapters.mailbox;
  const tenant = (options as { readonly tenant?: unknown } | null)?.tenant ?? null;
  const choice = crmChoices(config).find(({ name }) => name === crm);
  const named = crm === MAIN_CRM ? [] : [crm];
  const parts = [tenant, config.adapters.mailbox.adapter, mailboxId, choice?.adapter ?? null, ...named];
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

function openLane({ config, ports }: LanesOptions, entry: RosterEntry, crm: RecordStore): ResolvedLane {
  const { mailbox, folders, match, profile } = entry;
  const chosen = folders === null ? {} : { folders };
  const spec: LaneSpec = {
    id: laneIdOf(config, mailbox.id, profile.crm),
    tenantId: TENANT,
    storeA: `${MAILBOX}${mailbox.id}`,
    storeB: crmStoreOf(profile.crm),
    label: mailbox.address,
  };
  return {
    info: {
      id: spec.id,
      mailbox: mailbox.address,
      mailboxId: mailbox.id,
      records: entry.records,
      crm: profile.crm,
      owner: match.user && { id: match.user.id, name: match.user.name },
      profile: profile.name,
      rule: entry.rule,
    },
    config: {
      spec,
      stores: { a: ports.mailbox.open({ mailbox: mailbox.id, kind: 'contact', ...chosen }), b: crm },
      mapping: profile.contacts.mapping,
      policy: policyOf(config, entry),
    },
  };
}

/** One store for all lanes with a CRM, with what any of them maps or filters by: its feed is read once for all. */
function crmProperties(entries: readonly RosterEntry[]): readonly string[] {
  const properties = entries.flatMap(({ profile }) => {
    const { mapping, filter } = profile.contacts;
    const mapped = new Set(mapping.fields.map((rule) => rule.field));
    const filtered = filter.map((rule) => rule.field).filter((field) => !mapped.has(field));
    return [...mapping.fields.map((rule) => rule.crm), ...filtered];
  });
  return [...new Set(properties)];
}

const takesPart = ({ findings, profile }: RosterEntry): boolean =>
  profile.contacts.sync && !findings.some(({ severity }) => severity === 'block');

/** Asks once, and again after a failure. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

const eventsFinding = (profile: Profile): PlatformFinding => ({
  code: 'events-not-yet',
  severity: 'info',
  text: `profile "${profile.name}" has rules for events, which this version does not synchronise`,
  mailbox: null,
});

export function createLanes(options: LanesOptions): Lanes {
  const { config, ports, adapters } = options;
  const call = { signal: options.signal };
  const shipped = new Map(
    [...adapters.crms].map(([name, { manifest }]) => [name, manifest.mapping] as const),
  );
  const found: PlatformFinding[] = [];
  const profiles = (): readonly Profile[] =>
    profileNames(config).map((name) => effectiveProfile(config, name, shipped));
  const nominations = once(() => nominate(config, { port: ports.mailbox, call }));
  const decisions = async (): Promise<ReadonlyMap<string, AssignmentRow['decided']>> =>
    new Map((await ports.state.tenants.assignments(TENANT)).map((row) => [row.mailboxId, row.decided]));
  const roster = once(async () =>
    enrol(await nominations(), { config, ports, shipped, call, decided: await decisions() }),
  );
  const resolve = once(async (): Promise<readonly ResolvedLane[]> => {
    const { entries, findings } = await roster();
    const events = profiles().filter((profile) => profile.events !== null);
    found.length = 0;
    found.push(...findings, ...entries.flatMap((entry) => entry.findings), ...events.map(eventsFinding));
    const partners = entries.filter(takesPart);
    const stores = new Map(
      [...Map.groupBy(partners, ({ profile }) => profile.crm)].map(([name, members]) => {
        const scope = { kind: 'contact', properties: crmProperties(members) } as const;
        return [name, ofCrm(ports.crms, name).open(scope)] as const;
      }),
    );
    return partners.map((entry) => openLane(options, entry, ofCrm(stores, entry.profile.crm)));
  });
  return {
    resolve,
    findings: () => [...found],
    nominations,
    roster,
    profiles,
    mapping: () => effectiveProfile(config, config.defaultProfile, shipped).contacts.mapping,
  };
}
