import { type CallOptions, isAdapterError, type Mailbox, type MailboxPort } from '@tidelock/core';
import type { Config, MailboxChoice } from '../config.ts';
import type { PlatformFinding } from '../platform-finding.ts';

/** A mailbox that a rule names, and which profile the rule gives it. */
export interface Nominee {
  readonly mailbox: Mailbox;
  /** Its own entry under "mailboxes". */
  readonly choice: MailboxChoice | null;
  readonly profile: string;
  /** The rule that decided, for people. */
  readonly rule: string;
}

export interface Nominations {
  readonly nominees: readonly Nominee[];
  readonly findings: readonly PlatformFinding[];
  /** Rules whose group could not be read: who stands in it now is not known, so nobody left it. */
  readonly unread: readonly string[];
}

interface Rule {
  readonly profile: string;
  readonly rule: string;
  readonly names: readonly string[];
}

const groupRule = (rule: Config['assign'][number]): string => `group ${rule.label ?? rule.group ?? ''}`;

function groupFinding(rule: string, error: unknown): PlatformFinding {
  if (!isAdapterError(error)) throw error;
  const { kind, message, remedy } = error;
  if (kind === 'auth') throw error;
  return {
    code: 'group-unreadable',
    severity: 'block',
    text: `${rule}: its members cannot be read (${kind}): ${message} Its mailboxes take no part until it can; nothing else happens to them.`,
    remedy: remedy ?? 'Check the id of the group under "assign", and the right to read its members.',
    mailbox: null,
  };
}

function noGroups(rule: string): PlatformFinding {
  return {
    code: 'group-unsupported',
    severity: 'block',
    text: `${rule}: this mailbox adapter knows no groups.`,
    remedy: 'Name the mailboxes by their addresses.',
    mailbox: null,
  };
}

async function readRules(
  config: Config,
  of: { readonly port: MailboxPort; readonly call: CallOptions },
): Promise<{ rules: Rule[]; findings: PlatformFinding[]; unread: string[] }> {
  const rules: Rule[] = [];
  const findings: PlatformFinding[] = [];
  const unread: string[] = [];
  for (const [index, assign] of config.assign.entries()) {
    if (assign.group === undefined) {
      rules.push({ profile: assign.profile, rule: `list assign[${index}]`, names: assign.mailboxes ?? [] });
      continue;
    }
    const rule = groupRule(assign);
    if (of.port.members === undefined) {
      findings.push(noGroups(rule));
      continue;
    }
    try {
      const names = await of.port.members(assign.group, of.call);
      rules.push({ profile: assign.profile, rule, names });
    } catch (error) {
      findings.push(groupFinding(rule, error));
      unread.push(rule);
    }
  }
  return { rules, findings, unread };
}

/** Two addresses of one mailbox would be two lanes that undo each other's work. */
function aliasFinding(choice: MailboxChoice, first: string): PlatformFinding {
  return {
    code: 'mailbox-twice',
    severity: 'block',
    text: `${choice.address}: this is the same mailbox as ${first}`,
    remedy: 'Take one of the two addresses out of "mailboxes".',
    mailbox: choice.address,
  };
}

interface Placing {
  readonly byName: ReadonlyMap<string, Mailbox | undefined>;
  /** By mailbox id. */
  readonly nominees: Map<string, Nominee>;
}

function placeEntries(config: Config, { byName, nominees }: Placing): PlatformFinding[] {
  return config.mailboxes.flatMap((choice) => {
    const mailbox = byName.get(choice.address.toLowerCase());
    if (mailbox === undefined) return [];
    const first = nominees.get(mailbox.id)?.choice;
    if (first) return [aliasFinding(choice, first.address)];
    nominees.set(mailbox.id, { mailbox, choice, ...ownRule(config, choice) });
    return [];
  });
}

function placeByRule({ profile, rule, names }: Rule, { byName, nominees }: Placing): void {
  for (const name of names) {
    const mailbox = byName.get(name.toLowerCase());
    // Most members of a group are people, and some have no mailbox: that is no mistake of anybody.
    if (mailbox === undefined || (rule.startsWith('group') && mailbox.state === 'no-mailbox')) continue;
    const known = nominees.get(mailbox.id);
    if (known === undefined) nominees.set(mailbox.id, { mailbox, choice: null, profile, rule });
    else if (known.rule === BY_DEFAULT) nominees.set(mailbox.id, { ...known, profile, rule });
  }
}

/**
 * Who takes part and under which rules. An entry of "mailboxes" with a profile comes first, then the first list or group
 * of "assign" that names the mailbox, then the default profile for entries without one.
 */
export async function nominate(
  config: Config,
  of: { readonly port: MailboxPort; readonly call: CallOptions },
): Promise<Nominations> {
  const { rules, findings, unread } = await readRules(config, of);
  const names = [...config.mailboxes.map(({ address }) => address), ...rules.flatMap((rule) => rule.names)];
  const answers = await of.port.mailboxes(names, of.call);
  const byName = new Map(names.map((name, index) => [name.toLowerCase(), answers[index]]));
  const at = { byName, nominees: new Map<string, Nominee>() };
  findings.push(...placeEntries(config, at));
  for (const rule of rules) placeByRule(rule, at);
  return { nominees: [...at.nominees.values()], findings, unread };
}

const BY_DEFAULT = 'default';

function ownRule(config: Config, choice: MailboxChoice): Pick<Nominee, 'profile' | 'rule'> {
  return choice.profile === undefined
    ? { profile: config.defaultProfile, rule: BY_DEFAULT }
    : { profile: choice.profile, rule: 'address' };
}
