import type { Platform, Profile } from '@tidelock/host';
import { MAIN_CRM, sayScopeRule } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { prepareEngine, printFindings, withPlatform } from '../session.ts';
import { printable, table } from '../table.ts';
import { countMailboxes } from './mailboxes.ts';

const COLUMNS = [
  { title: 'Profile' },
  { title: 'Mailboxes', align: 'right' },
  { title: 'Direction' },
  { title: 'CRM records' },
  { title: 'Filter' },
  { title: 'Categories' },
] as const;

const ARROWS = { both: 'both ways', 'crm>mailbox': 'CRM → mailbox', 'mailbox>crm': 'mailbox → CRM' } as const;

const recordsOf = ({ records }: Profile['contacts']): string =>
  records === 'own' ? "the owner's" : records === 'all' ? 'all' : `of ${records.join(', ')}`;

const filterOf = ({ filter }: Profile['contacts']): string =>
  filter.length === 0 ? 'none' : filter.map(sayScopeRule).join(' and ');

/** By name of the profile, as the last run noted; no request is made for it. */
async function followers(platform: Platform): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { profile } of await platform.status())
    if (profile !== null) counts.set(profile, (counts.get(profile) ?? 0) + 1);
  return counts;
}

async function list(cli: Cli): Promise<void> {
  await withPlatform(cli, async ({ platform }) => {
    const profiles = platform.profiles();
    const counts = await followers(platform);
    cli.json({
      profiles: profiles.map((profile) => ({ ...profile, mailboxes: counts.get(profile.name) ?? 0 })),
    });
    const rows = profiles.map(({ name, contacts }) => [
      printable(name),
      String(counts.get(name) ?? 0),
      contacts.sync ? ARROWS[contacts.direction] : 'off',
      printable(recordsOf(contacts)),
      printable(filterOf(contacts)),
      printable(contacts.categories?.join(', ') ?? 'any'),
    ]);
    cli.say(table(COLUMNS, rows, cli.style().bold));
    cli.say(cli.style().dim('\nAll rules of one: tidelock profiles show <name>, or --mailbox <address>'));
  });
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');
const FATE = { delete: 'its partner is deleted', unlink: 'the pair is unlinked, the partner stays' } as const;

function linesOf({ contacts, crm }: Profile): (readonly [string, string])[] {
  const { create, onDelete, mapping } = contacts;
  return [
    ...(crm === MAIN_CRM ? [] : ([['CRM', crm]] as const)),
    ['contacts', contacts.sync ? ARROWS[contacts.direction] : 'take no part'],
    ['folders', contacts.folders?.join(', ') ?? 'the default folder'],
    [
      'categories',
      contacts.categories === null
        ? 'any'
        : `one of ${contacts.categories.join(', ')}; new contacts get the first`,
    ],
    ['CRM records', recordsOf(contacts)],
    ['filter', filterOf(contacts)],
    ['created in the mailbox', yes(create.mailbox)],
    ['created in the CRM', yes(create.crm)],
    ['deleted in the mailbox', FATE[onDelete.mailbox]],
    ['deleted in the CRM', FATE[onDelete.crm]],
    ['first contact, and doubt', contacts.master === 'crm' ? 'the CRM wins' : 'the mailbox wins'],
    ['conflicts', contacts.conflict ?? "each field's own policy"],
    ['fields', mapping.fields.map(({ field }) => field).join(', ')],
  ];
}

/** `From 30 days ago to 365 days ahead; mail: hold` */
function sayEvents({
  window,
  notify,
  mailBudget,
  direction,
  mapping,
}: NonNullable<Profile['events']>): string {
  if (mapping === null) return 'Its events take no part: the CRM adapter ships no mapping for them.';
  const budget = mailBudget === null ? '' : `, at most ${mailBudget} people a run`;
  return `events ${direction}, from ${window.pastDays} days ago to ${window.futureDays} days ahead; mail: ${notify}${budget}`;
}

function printProfile(cli: Cli, profile: Profile): void {
  const { bold, dim } = cli.style();
  cli.say(
    bold(printable(profile.name)) +
      (profile.description === null ? '' : `  ${printable(profile.description)}`),
  );
  for (const [name, text] of linesOf(profile)) cli.say(`  ${name.padEnd(26)}${printable(text)}`);
  if (profile.events !== null) cli.say(dim(`  ${sayEvents(profile.events)}`));
}

async function showMailbox(cli: Cli, address: string): Promise<void> {
  await withPlatform(cli, async ({ platform }) => {
    const roster = await platform.administration.roster();
    const entry = roster.find((one) =>
      [one.address, one.mailbox.address].some((name) => name.toLowerCase() === address.toLowerCase()),
    );
    if (entry === undefined) {
      const remedy = 'Name it under "mailboxes" or "assign"; list: tidelock mailboxes --all';
      throw new UsageError([{ path: address, reason: 'no rule names this mailbox', remedy }]);
    }
    const { profile, rule, folders, records, match, findings } = entry;
    const contacts = { ...profile.contacts, folders, records };
    cli.json({
      mailbox: entry.mailbox.address,
      rule,
      profile: { ...profile, contacts },
      crmUser: match.user,
      matchedBy: match.by,
      findings,
    });
    cli.say(`${printable(entry.mailbox.address)} follows profile "${profile.name}", by ${printable(rule)}.`);
    if (match.user !== null) cli.say(`In the CRM it is ${printable(match.user.name)}'s (${match.by}).`);
    cli.say();
    printProfile(cli, { ...profile, contacts });
    cli.say();
    printFindings(cli, findings);
  });
}

async function show(cli: Cli, name: string | undefined, mailbox: string | undefined): Promise<void> {
  if (mailbox !== undefined) return showMailbox(cli, mailbox);
  await withPlatform(cli, async ({ platform }) => {
    const profiles = platform.profiles();
    const chosen = name === undefined ? profiles : profiles.filter((profile) => profile.name === name);
    if (chosen.length === 0) {
      const remedy = `Use one of: ${profiles.map((profile) => profile.name).join(', ')}.`;
      throw new UsageError([{ path: name ?? '', reason: 'there is no such profile', remedy }]);
    }
    cli.json({ profiles: chosen });
    for (const profile of chosen) {
      printProfile(cli, profile);
      cli.say();
    }
  });
}

/** The file was read and checked by then; this adds what only directory and CRM know. */
async function check(cli: Cli): Promise<void> {
  await withPlatform(cli, async (session) => {
    platformProfiles(session.platform);
    const { findings, lanes, open } = await prepareEngine(session);
    const blocked = findings.some(({ severity }) => severity === 'block');
    const code = open === 0 ? EXIT.blocked : blocked ? EXIT.partial : EXIT.ok;
    cli.json({ findings, mailboxes: lanes, exitCode: code });
    printFindings(cli, findings);
    const { good, warn } = cli.style();
    const text = `${countMailboxes(open)} can take part under these profiles.`;
    cli.say(blocked ? warn(text) : good(`No objections. ${text}`));
    cli.exit(code);
  });
}

/** Throws for a profile that cannot work, also one that nobody follows. */
const platformProfiles = (platform: Platform): readonly Profile[] => platform.profiles();

export function profilesCommand(cli: Cli): Command {
  const command = new Command('profiles')
    .description('which rules there are, and which mailbox follows which')
    .action(() => list(cli));
  command
    .command('show')
    .description('the rules in force, with everything filled in')
    .argument('[name]', 'one profile; default: all')
    .option('--mailbox <address>', 'the rules of one mailbox, and what gave it them')
    .addHelpText(
      'after',
      '\nWhich profile a mailbox follows: its own entry with "profile" comes first, then the first entry of "assign" that names\nit, then defaultProfile. What a profile leaves out stands under "sync".',
    )
    .action((name: string | undefined, { mailbox }: { mailbox?: string }) => show(cli, name, mailbox));
  command
    .command('check')
    .description('look for mistakes: in the file, in names of groups, users and properties')
    .addHelpText('after', '\nAsks directory and CRM; writes to neither.')
    .action(() => check(cli));
  return command;
}
