import type { AssignmentRow, CallOptions, CrmPort, Mailbox, MailboxPort } from '@tidelock/core';
import type { Config } from '../config.ts';
import { ofCrm } from '../crm-connections.ts';
import type { PlatformFinding } from '../platform-finding.ts';
import { effectiveProfile, type Profile, type Shipped } from './effective.ts';
import { matchUsers, type UserMatch } from './match-users.ts';
import type { Nominations, Nominee } from './nominate.ts';

/** One mailbox that a rule names, with everything that decides how it takes part. */
export interface RosterEntry {
  readonly mailbox: Mailbox;
  /** As the configuration writes it, else as the directory does. */
  readonly address: string;
  readonly profile: Profile;
  /** What decided the profile: `address`, `list assign[0]`, `group Sales`, `default`. */
  readonly rule: string;
  readonly folders: readonly string[] | null;
  readonly records: 'own' | 'all' | readonly string[];
  readonly match: UserMatch;
  /** Native ids of the CRM users whose records take part; null = all. */
  readonly owners: readonly string[] | null;
  readonly findings: readonly PlatformFinding[];
}

export interface Roster {
  readonly entries: readonly RosterEntry[];
  readonly findings: readonly PlatformFinding[];
  readonly unread: readonly string[];
}

export interface RosterSources {
  readonly config: Config;
  readonly ports: { readonly mailbox: MailboxPort; readonly crms: ReadonlyMap<string, CrmPort> };
  readonly shipped: Shipped;
  readonly call: CallOptions;
  /** What people decided about mailboxes, by mailbox id. */
  readonly decided: ReadonlyMap<string, AssignmentRow['decided']>;
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

/** Why a mailbox cannot take part, or null. */
export function mailboxFinding(address: string, mailbox: Mailbox): PlatformFinding | null {
  if (mailbox.state === 'ready') return null;
  const { code, text, remedy } = STATE_FINDINGS[mailbox.state];
  return { code, severity: 'block', text: `${address}: ${text}`, remedy, mailbox: address };
}

/** Without an owner "own" would mean nobody's records, or everybody's. */
export function ownerFinding(
  entry: Pick<RosterEntry, 'address' | 'records' | 'match'>,
  owner: string,
): PlatformFinding | null {
  const { address, records, match } = entry;
  const blocks = records === 'own';
  if (match.user?.active === true) return null;
  if (match.user !== null && !blocks) return null;
  const several = match.candidates.length;
  const what =
    match.user !== null
      ? 'the CRM user is inactive'
      : several > 1
        ? `${several} CRM users fit, and none is chosen for you`
        : `no single CRM user has the e-mail ${owner}`;
  return {
    code: match.user !== null ? 'owner-inactive' : several > 1 ? 'owner-ambiguous' : 'owner-unknown',
    severity: blocks ? 'block' : 'warn',
    text: `${address}: ${what}`,
    remedy: `Write the e-mail of an active CRM user as "owner" of this mailbox, or decide: tidelock mailboxes match ${address} <e-mail or id of the CRM user>`,
    mailbox: address,
  };
}

function unknownRecords(
  entry: { address: string; profile: Profile },
  missing: readonly string[],
): PlatformFinding {
  return {
    code: 'records-owner-unknown',
    severity: 'block',
    text: `${entry.address}: profile "${entry.profile.name}" takes the records of ${missing.join(', ')}, and the CRM has no single user with ${missing.length > 1 ? 'these e-mail addresses' : 'this e-mail address'}`,
    remedy: `Correct profiles.${entry.profile.name}.contacts.records.`,
    mailbox: entry.address,
  };
}

/** The CRM users that profiles of one CRM name: ids by e-mail address. */
async function namedUsers(
  profiles: readonly Profile[],
  asking: { readonly crm: CrmPort; readonly call: CallOptions },
): Promise<ReadonlyMap<string, string>> {
  const emails = [
    ...new Set(
      profiles.flatMap(({ contacts }) => (typeof contacts.records === 'string' ? [] : contacts.records)),
    ),
  ];
  const users = emails.length === 0 ? [] : await asking.crm.users(emails, asking.call);
  return new Map(
    emails.flatMap((email, index) => {
      const user = users[index];
      return user ? [[email.toLowerCase(), user.id] as const] : [];
    }),
  );
}

function ownersOf(
  entry: Pick<RosterEntry, 'records' | 'match'>,
  named: ReadonlyMap<string, string>,
): { owners: readonly string[] | null; missing: readonly string[] } {
  const { records, match } = entry;
  if (records === 'all') return { owners: null, missing: [] };
  if (records === 'own') return { owners: match.user === null ? null : [match.user.id], missing: [] };
  const missing = records.filter((email) => !named.has(email.toLowerCase()));
  return { owners: records.flatMap((email) => named.get(email.toLowerCase()) ?? []), missing };
}

function entryOf(
  nominee: Nominee,
  of: { profile: Profile; match: UserMatch; named: ReadonlyMap<string, string> },
): RosterEntry {
  const { mailbox, choice, rule } = nominee;
  const { profile, match } = of;
  const address = choice?.address ?? mailbox.address;
  const records = choice?.records ?? profile.contacts.records;
  const { owners, missing } = ownersOf({ records, match }, of.named);
  const found = [
    mailboxFinding(address, mailbox),
    ownerFinding({ address, records, match }, choice?.owner ?? mailbox.address),
    missing.length === 0 ? null : unknownRecords({ address, profile }, missing),
  ];
  return {
    ...{ mailbox, address, profile, rule, records, match, owners },
    folders: choice?.folders ?? profile.contacts.folders,
    findings: found.filter((one) => one !== null),
  };
}

interface Enrolled {
  readonly nominee: Nominee;
  readonly profile: Profile;
}

/** Those that follow one CRM, with whom they are there. */
async function enrolIn(
  crm: CrmPort,
  members: readonly Enrolled[],
  of: RosterSources,
): Promise<RosterEntry[]> {
  const asking = { crm, match: of.config.match, call: of.call };
  const matches = await matchUsers(
    asking,
    members.map(({ nominee: { mailbox, choice } }) => ({
      mailbox,
      owner: choice?.owner ?? null,
      decided: of.decided.get(mailbox.id) ?? null,
    })),
  );
  const named = await namedUsers([...new Set(members.map(({ profile }) => profile))], asking);
  return members.flatMap(({ nominee, profile }, index) => {
    const match = matches[index];
    return match === undefined ? [] : [entryOf(nominee, { profile, match, named })];
  });
}

/** Gives every nominee its rules and its CRM user. */
export async function enrol(nominations: Nominations, of: RosterSources): Promise<Roster> {
  const { config, shipped } = of;
  const profiles = new Map<string, Profile>();
  for (const { profile } of nominations.nominees)
    if (!profiles.has(profile)) profiles.set(profile, effectiveProfile(config, profile, shipped));
  const enrolled = nominations.nominees.flatMap((nominee): Enrolled[] => {
    const profile = profiles.get(nominee.profile);
    return profile === undefined ? [] : [{ nominee, profile }];
  });
  const byCrm = Map.groupBy(enrolled, ({ profile }) => profile.crm);
  const entries = new Map<Nominee['mailbox'], RosterEntry>();
  for (const [name, members] of byCrm)
    for (const entry of await enrolIn(ofCrm(of.ports.crms, name), members, of))
      entries.set(entry.mailbox, entry);
  return {
    entries: nominations.nominees.flatMap(({ mailbox }) => entries.get(mailbox) ?? []),
    findings: nominations.findings,
    unread: nominations.unread,
  };
}

export const isReached = ({ findings }: RosterEntry): boolean =>
  !findings.some(({ severity }) => severity === 'block');

export const takesPart = (entry: RosterEntry): boolean => entry.profile.contacts.sync && isReached(entry);
