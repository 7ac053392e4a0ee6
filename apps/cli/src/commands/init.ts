import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import * as z from 'zod';
import { toList } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { requireAbsent, writeNewFile } from '../new-file.ts';
import { prepareCrms } from '../prepare-crm.ts';
import { configPath, withPlatform } from '../session.ts';
import { type CrmAnswers, type SetupAnswers, toConfigText } from '../setup-config.ts';
import { firstSteps, lastSteps } from '../setup-guide.ts';
import { createSetupKeys } from '../setup-keys.ts';

type Crm = 'salesforce' | 'hubspot';
const CRMS: readonly Crm[] = ['salesforce', 'hubspot'];

interface Flags {
  readonly crm: string;
  readonly yes: boolean;
  readonly crmUrl?: string;
  readonly tenant?: string;
  readonly clientId?: string;
  readonly loginUrl?: string;
  readonly consumerKey?: string;
  readonly crmUser?: string;
  readonly mailbox?: string[];
}

const common = {
  tenant: z.guid('not a directory (tenant) ID').optional(),
  clientId: z.guid('not an application (client) ID'),
  mailbox: z.array(z.email('not an e-mail address')).min(1, 'no mailbox is named'),
};
const AnswersSchema = z.discriminatedUnion('crm', [
  z.object({
    crm: z.literal('salesforce'),
    ...common,
    loginUrl: z.url({ protocol: /^https$/, error: 'not an https address' }),
    consumerKey: z.string().min(1, 'is missing'),
    crmUser: z.string().min(1, 'is missing'),
  }),
  z.object({ crm: z.literal('hubspot'), ...common, token: z.string().min(1, 'is missing') }),
]);
type Answers = z.infer<typeof AnswersSchema>;
type Key = 'tenant' | 'clientId' | 'loginUrl' | 'consumerKey' | 'crmUser' | 'mailbox';

const FLAG: Record<Key, { readonly flag: string; readonly question: string }> = {
  tenant: {
    flag: '--tenant <id>',
    question: 'Directory (tenant) ID; without it an administrator connects by consent: ',
  },
  clientId: { flag: '--client-id <id>', question: 'Application (client) ID: ' },
  loginUrl: { flag: '--login-url <url>', question: 'CRM sign-in host [https://login.salesforce.com]: ' },
  consumerKey: { flag: '--consumer-key <key>', question: 'Consumer key of the CRM app: ' },
  crmUser: { flag: '--crm-user <name>', question: 'User name of the CRM integration user: ' },
  mailbox: { flag: '--mailbox <address>', question: 'Mailboxes, separated by commas: ' },
};
const OF_SALESFORCE: ReadonlySet<Key> = new Set(['loginUrl', 'consumerKey', 'crmUser']);
const KEYS = Object.keys(FLAG) as Key[];
/** What a person is asked for. The organisation tells who it is when its administrator consents. */
const keysOf = (crm: Crm): readonly Key[] =>
  KEYS.filter((key) => key !== 'tenant' && (crm === 'salesforce' || !OF_SALESFORCE.has(key)));

function crmOf(flags: Flags): Crm {
  const crm = CRMS.find((one) => one === flags.crm);
  if (crm !== undefined) return crm;
  const reason = `there is no adapter for "${flags.crm}" that init can set up`;
  throw new UsageError([{ path: '--crm', reason, remedy: `One of: ${CRMS.join(', ')}.` }]);
}

/** A token stands in no shell history: it is asked for, or comes from standard input. */
async function readToken(cli: Cli): Promise<string> {
  const { ask } = cli.terminal;
  const text = ask ? await ask('Access token of the private app: ', true) : await cli.terminal.readInput();
  return text.trim();
}

async function askMissing(cli: Cli, flags: Flags): Promise<Record<string, unknown>> {
  const { ask } = cli.terminal;
  const crm = crmOf(flags);
  const keys = keysOf(crm);
  const answers: Record<string, unknown> = { ...flags, crm };
  const asks = crm === 'hubspot' || keys.some((key) => flags[key] === undefined);
  if (ask !== null && asks) cli.terminal.err(`${firstSteps(crm)}\n\n`);
  for (const key of keys.filter((name) => answers[name] === undefined && ask !== null)) {
    const text = (await ask?.(FLAG[key].question))?.trim();
    if (text === undefined || text === '') continue;
    answers[key] = key === 'mailbox' ? text.split(/[\s,;]+/).filter(Boolean) : text;
  }
  if (crm === 'hubspot') return { ...answers, token: await readToken(cli) };
  return { ...answers, loginUrl: answers.loginUrl ?? 'https://login.salesforce.com' };
}

const TOKEN_REMEDY = 'Pipe it in: printf %s "$TOKEN" | tidelock init --crm hubspot ...';

function check(answers: Record<string, unknown>): Answers {
  const parsed = AnswersSchema.safeParse(answers);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) => {
      const key = String(issue.path[0]);
      if (key === 'token') return { path: 'access token', reason: 'is missing', remedy: TOKEN_REMEDY };
      const missing = answers[key] === undefined;
      const reason = missing ? 'is missing' : issue.message;
      const { flag } = FLAG[key as Key];
      return { path: flag, reason, remedy: missing ? `Give ${flag}.` : 'Correct it.' };
    }),
  );
}

/** What the platform needs is there now, and the CRM answers: what is missing in it can be created. */
async function prepare(cli: Cli, answers: Answers, yes: boolean): Promise<boolean> {
  // With a certificate the CRM cannot be asked before somebody has uploaded it.
  if (answers.crm === 'salesforce') return false;
  // Nor can anything be opened before somebody has connected the organisation.
  if (answers.tenant === undefined) return false;
  return withPlatform(cli, ({ platform }) => prepareCrms(cli, platform, yes));
}

function toCrmAnswers(answers: Answers, url: string | undefined): CrmAnswers {
  if (answers.crm === 'hubspot') return { crm: 'hubspot', url };
  const { loginUrl, consumerKey, crmUser } = answers;
  return { crm: 'salesforce', loginUrl, consumerKey, username: crmUser };
}

async function writeSetup(cli: Cli, answers: Answers, flags: Flags): Promise<void> {
  const file = configPath(cli);
  const folder = resolve(file, '..');
  const setup: SetupAnswers = {
    clientId: answers.clientId,
    crm: toCrmAnswers(answers, flags.crmUrl),
    mailboxes: answers.mailbox.map((address) => ({ address })),
  };
  const mailboxFile = join(folder, 'tidelock-mailbox.cer');
  const crmFile = join(folder, 'tidelock-crm.cer');
  const crmToken = answers.crm === 'hubspot' ? answers.token : undefined;
  await requireAbsent(crmToken === undefined ? [file, mailboxFile, crmFile] : [file, mailboxFile]);
  await writeNewFile(file, toConfigText(setup));
  const keys = await createSetupKeys(cli, { configPath: file, tenant: answers.tenant, crmToken }).catch(
    async (error: unknown) => {
      // A configuration without its keys would stand in the way of the next attempt.
      await rm(file, { force: true });
      throw error;
    },
  );
  await writeNewFile(mailboxFile, keys.mailboxPem);
  if (keys.crmPem !== null) await writeNewFile(crmFile, keys.crmPem);
  const certificates = { mailbox: mailboxFile, crm: keys.crmPem === null ? null : crmFile };
  const validUntil = new Date(keys.notAfter).toISOString();
  const prepared = await prepare(cli, answers, flags.yes);
  const byConsent = answers.tenant === undefined;
  const next = byConsent ? 'connect' : 'doctor';
  cli.json({ config: file, certificates, validUntil, prepared, next, exitCode: 0 });
  cli.say(lastSteps({ file, certificates, validUntil, clientId: answers.clientId, byConsent }));
}

export function initCommand(cli: Cli): Command {
  const command = new Command('init')
    .description('write a configuration, make the keys, and say what to click where')
    .addHelpText(
      'after',
      '\nWithout --tenant the organisation is found by consent: its administrator approves in tidelock connect. Asks for what is missing,\nwhen there is somebody to ask. Never overwrites a file. With --crm hubspot the access token comes from standard input where\nnobody can be asked.',
    );
  command
    .option('--crm <name>', `one of: ${CRMS.join(', ')}`, CRMS[0])
    .option('--yes', 'create what is missing in the CRM and can be created, without asking', false)
    .addOption(new Option('--crm-url <origin>', 'an emulator in place of the service').hideHelp());
  for (const key of KEYS) {
    const { flag, question } = FLAG[key];
    const text = question.replace(/(: | \[.*)$/, '');
    if (key === 'mailbox') command.option(flag, 'address of a mailbox; may be given several times', toList);
    else command.option(flag, text);
  }
  return command.action(async (flags: Flags) => writeSetup(cli, check(await askMissing(cli, flags)), flags));
}
