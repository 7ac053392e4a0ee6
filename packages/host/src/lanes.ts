import { createHash } from 'node:crypto';
import {
  type CrmPort,
  type CrmUser,
  InputError,
  type LaneSpec,
  type Mailbox,
  type MailboxPort,
  type Mapping,
} from '@tidelock/core';
import { DEFAULT_POLICY, type LaneConfig, type LanePolicy } from '@tidelock/engine';
import type { LoadedAdapters } from './adapters.ts';
import type { Config, MailboxChoice } from './config.ts';
import type { PlatformFinding } from './platform-finding.ts';

export interface LaneInfo {
  readonly id: string;
  /** Address of the mailbox, as the directory has it. */
  readonly mailbox: string;
  readonly mailboxId: string;
  readonly records: 'own' | 'all';
  /** The CRM user whose records take part and who owns new ones. */
  readonly owner: { readonly id: string; readonly name: string } | null;
}

export interface ResolvedLane {
  readonly info: LaneInfo;
  readonly config: LaneConfig;
}

export interface Lanes {
  /** Asks directory and CRM once; mailboxes that cannot take part become findings. */
  resolve(): Promise<readonly ResolvedLane[]>;
  findings(): readonly PlatformFinding[];
  /** State of each configured mailbox, in the order of the configuration. Asked anew on every call. */
  mailboxes(): Promise<readonly Mailbox[]>;
  /** CRM user of each configured mailbox, in the order of the configuration. Asked anew on every call. */
  owners(): Promise<readonly (CrmUser | null)[]>;
  mapping(): Mapping;
}

export interface LanesOptions {
  readonly config: Config;
  readonly ports: { readonly mailbox: MailboxPort; readonly crm: CrmPort };
  readonly adapters: LoadedAdapters;
  readonly signal?: AbortSignal | undefined;
}

/** One configuration file is one tenant. */
export const TENANT = 'default';
/** Before a mailbox's id in the key of its store. */
export const MAILBOX = 'mailbox:';

export function laneIdOf(config: Config, mailboxId: string): string {
  const { options } = config.adapters.mailbox;
  const tenant = (options as { readonly tenant?: unknown } | null)?.tenant ?? null;
  const parts = [tenant, config.adapters.mailbox.adapter, mailboxId, config.adapters.crm.adapter];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

/** The mapping in force: the file's or the adapter's own, with the rows that the configuration adds or replaces. */
export function effectiveMapping(config: Config, adapters: LoadedAdapters): Mapping {
  const base = config.mapping ?? adapters.crm.manifest.mapping;
  if (base === undefined) {
    const reason = `${adapters.crm.info.name} ships no mapping`;
    const remedy = 'Write a mapping file and name it under "mapping".';
    throw new InputError(reason, [{ path: 'mapping', reason, remedy }]);
  }
  const extra = new Map(config.mappingExtra.map((rule) => [rule.field, rule]));
  const fields = base.fields.map((rule) => extra.get(rule.field) ?? rule);
  const known = new Set(base.fields.map((rule) => rule.field));
  return { ...base, fields: [...fields, ...config.mappingExtra.filter((rule) => !known.has(rule.field))] };
}

function policyOf(config: Config, choice: MailboxChoice, owner: CrmUser | null): LanePolicy {
  const { sync } = config;
  return {
    ...DEFAULT_POLICY,
    master: sync.master === 'crm' ? 'b' : 'a',
    skewMs: sync.conflictSkewSeconds * 1000,
    create: { a: sync.create.mailbox, b: sync.create.crm },
    onDelete: { a: sync.onDelete.mailbox, b: sync.onDelete.crm },
    brake: { ...DEFAULT_POLICY.brake, ...sync.brake },
    owners: choice.records === 'own' && owner !== null ? [owner.id] : null,
    createOwner: owner?.id ?? null,
    region: sync.region,
    holdMs: sync.recoveryHoldSeconds === undefined ? null : sync.recoveryHoldSeconds * 1000,
    maxLinks: sync.maxLinksPerPass,
    auditMs: sync.auditHours === null ? null : sync.auditHours * 3_600_000,
  };
}

const STATE_FINDINGS = {
  'no-mailbox': {
    code: 'mailbox-missing',
    text: 'the directory knows the address, but there is no mailbox',
    remedy: 'Give the user a mailbox, or take the entry out of "mailboxes".',
  },
  'out-of-scope': {
    code: 'mailbox-out-of-scope',
    text: 'the app may not reach this mailbox',
    remedy:
      'Consent to the permission on contacts, add the mailbox to the group that the app is limited to (doctor says which is missing), or take the entry out of "mailboxes".',
  },
  unavailable: {
    code: 'mailbox-unavailable',
    text: 'the mailbox does not answer at present',
    remedy: 'Try again later; check the address if this lasts.',
  },
} as const;

/** Why a configured mailbox cannot take part, or null. */
export function mailboxFinding(choice: MailboxChoice, mailbox: Mailbox): PlatformFinding | null {
  if (mailbox.state === 'ready') return null;
  const { code, text, remedy } = STATE_FINDINGS[mailbox.state];
  return { code, severity: 'block', text: `${choice.address}: ${text}`, remedy, mailbox: choice.address };
}

/** Two addresses of one mailbox would be two lanes that undo each other's work. */
function aliasFinding(choice: MailboxChoice, first: string | undefined): PlatformFinding | null {
  if (first === undefined) return null;
  return {
    code: 'mailbox-twice',
    severity: 'block',
    text: `${choice.address}: this is the same mailbox as ${first}`,
    remedy: 'Take one of the two addresses out of "mailboxes".',
    mailbox: choice.address,
  };
}

/** Without an owner "own" would mean nobody's records, or everybody's. */
export function ownerFinding(choice: MailboxChoice, owner: CrmUser | null): PlatformFinding | null {
  if (owner?.active === true) return null;
  const blocks = choice.records === 'own';
  const what =
    owner === null ? `no single CRM user has the e-mail ${choice.owner}` : 'the CRM user is inactive';
  const text = `${choice.address}: ${what}`;
  const remedy = 'Write the e-mail of an active CRM user as "owner" of this mailbox.';
  if (owner !== null && !blocks) return null;
  return {
    code: owner === null ? 'owner-unknown' : 'owner-inactive',
    severity: blocks ? 'block' : 'warn',
    text,
    remedy,
    mailbox: choice.address,
  };
}

function openLane(
  { config, ports, adapters }: LanesOptions,
  of: { readonly choice: MailboxChoice; readonly mailbox: Mailbox; readonly owner: CrmUser | null },
): ResolvedLane {
  const { choice, mailbox, owner } = of;
  const mapping = effectiveMapping(config, adapters);
  const folders = choice.folders === undefined ? {} : { folders: choice.folders };
  const spec: LaneSpec = {
    id: laneIdOf(config, mailbox.id),
    tenantId: TENANT,
    storeA: `${MAILBOX}${mailbox.id}`,
    storeB: 'crm:contact',
    label: mailbox.address,
  };
  return {
    info: {
      id: spec.id,
      mailbox: mailbox.address,
      mailboxId: mailbox.id,
      records: choice.records,
      owner: owner && { id: owner.id, name: owner.name },
    },
    config: {
      spec,
      stores: {
        a: ports.mailbox.open({ mailbox: mailbox.id, kind: 'contact', ...folders }),
        b: ports.crm.open({ kind: 'contact', properties: mapping.fields.map((rule) => rule.crm) }),
      },
      mapping,
      policy: policyOf(config, choice, owner),
    },
  };
}

export function createLanes(options: LanesOptions): Lanes {
  const { config, ports, adapters } = options;
  const call = { signal: options.signal };
  const found: PlatformFinding[] = [];
  let resolved: Promise<readonly ResolvedLane[]> | undefined;
  const mailboxes = () =>
    ports.mailbox.mailboxes(
      config.mailboxes.map((choice) => choice.address),
      call,
    );
  const owners = () =>
    ports.crm.users(
      config.mailboxes.map((choice) => choice.owner),
      call,
    );
  const mapping = () => effectiveMapping(config, adapters);

  const resolve = async (): Promise<readonly ResolvedLane[]> => {
    found.length = 0;
    const states = await mailboxes();
    const users = await owners();
    const taken = new Map<string, string>();
    return config.mailboxes.flatMap((choice, index) => {
      const mailbox = states[index];
      const owner = users[index] ?? null;
      if (mailbox === undefined) return [];
      const reasons = [
        mailboxFinding(choice, mailbox),
        ownerFinding(choice, owner),
        aliasFinding(choice, taken.get(mailbox.id)),
      ].filter((one) => one !== null);
      if (!taken.has(mailbox.id)) taken.set(mailbox.id, choice.address);
      found.push(...reasons);
      return reasons.some((one) => one.severity === 'block')
        ? []
        : [openLane(options, { choice, mailbox, owner })];
    });
  };

  return {
    resolve: () => {
      resolved ??= resolve().catch((error: unknown) => {
        resolved = undefined;
        throw error;
      });
      return resolved;
    },
    findings: () => [...found],
    mailboxes,
    owners,
    mapping,
  };
}
