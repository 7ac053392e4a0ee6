import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod';
import { toList } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { requireAbsent, writeNewFile } from '../new-file.ts';
import { configPath } from '../session.ts';
import { type SetupAnswers, toConfigText } from '../setup-config.ts';
import { FIRST_STEPS, lastSteps } from '../setup-guide.ts';
import { createSetupKeys } from '../setup-keys.ts';

interface Flags {
  readonly tenant?: string;
  readonly clientId?: string;
  readonly loginUrl?: string;
  readonly consumerKey?: string;
  readonly crmUser?: string;
  readonly mailbox?: string[];
}

const AnswersSchema = z.object({
  tenant: z.guid('not a directory (tenant) ID'),
  clientId: z.guid('not an application (client) ID'),
  loginUrl: z.url({ protocol: /^https$/, error: 'not an https address' }),
  consumerKey: z.string().min(1, 'is missing'),
  crmUser: z.string().min(1, 'is missing'),
  mailbox: z.array(z.email('not an e-mail address')).min(1, 'no mailbox is named'),
});
type Answers = z.infer<typeof AnswersSchema>;

const FLAG: Record<keyof Answers, { readonly flag: string; readonly question: string }> = {
  tenant: { flag: '--tenant <id>', question: 'Directory (tenant) ID: ' },
  clientId: { flag: '--client-id <id>', question: 'Application (client) ID: ' },
  loginUrl: { flag: '--login-url <url>', question: 'CRM sign-in host [https://login.salesforce.com]: ' },
  consumerKey: { flag: '--consumer-key <key>', question: 'Consumer key of the CRM app: ' },
  crmUser: { flag: '--crm-user <name>', question: 'User name of the CRM integration user: ' },
  mailbox: { flag: '--mailbox <address>', question: 'Mailboxes, separated by commas: ' },
};
const KEYS = Object.keys(FLAG) as (keyof Answers)[];

async function askMissing(cli: Cli, flags: Flags): Promise<Record<string, unknown>> {
  const { ask } = cli.terminal;
  const answers: Record<string, unknown> = { ...flags };
  if (ask !== null && KEYS.some((key) => flags[key] === undefined)) cli.terminal.err(`${FIRST_STEPS}\n\n`);
  for (const key of KEYS.filter((name) => answers[name] === undefined && ask !== null)) {
    const text = (await ask?.(FLAG[key].question))?.trim();
    if (text === undefined || text === '') continue;
    answers[key] = key === 'mailbox' ? text.split(/[\s,;]+/).filter(Boolean) : text;
  }
  return { ...answers, loginUrl: answers.loginUrl ?? 'https://login.salesforce.com' };
}

function check(answers: Record<string, unknown>): Answers {
  const parsed = AnswersSchema.safeParse(answers);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) => {
      const key = issue.path[0] as keyof Answers;
      const missing = answers[key] === undefined;
      const reason = missing ? 'is missing' : issue.message;
      return { path: FLAG[key].flag, reason, remedy: missing ? `Give ${FLAG[key].flag}.` : 'Correct it.' };
    }),
  );
}

async function writeSetup(cli: Cli, answers: Answers): Promise<void> {
  const file = configPath(cli);
  const folder = resolve(file, '..');
  const setup: SetupAnswers = {
    clientId: answers.clientId,
    loginUrl: answers.loginUrl,
    consumerKey: answers.consumerKey,
    username: answers.crmUser,
    mailboxes: answers.mailbox.map((address) => ({ address })),
  };
  const mailboxFile = join(folder, 'tidelock-mailbox.cer');
  const crmFile = join(folder, 'tidelock-crm.cer');
  await requireAbsent([file, mailboxFile, crmFile]);
  await writeNewFile(file, toConfigText(setup));
  const keys = await createSetupKeys(cli, { configPath: file, tenant: answers.tenant }).catch(
    async (error: unknown) => {
      // A configuration without its keys would stand in the way of the next attempt.
      await rm(file, { force: true });
      throw error;
    },
  );
  await writeNewFile(mailboxFile, keys.mailboxPem);
  await writeNewFile(crmFile, keys.crmPem);
  const certificates = { mailbox: mailboxFile, crm: crmFile };
  const validUntil = new Date(keys.notAfter).toISOString();
  cli.json({ config: file, certificates, validUntil, exitCode: 0 });
  cli.say(lastSteps({ file, certificates, validUntil, clientId: answers.clientId }));
}

export function initCommand(cli: Cli): Command {
  const command = new Command('init')
    .description('write a configuration, make the keys, and say what to click where')
    .addHelpText(
      'after',
      '\nAsks for what is missing, when there is somebody to ask. Never overwrites a file.',
    );
  for (const key of KEYS) {
    const { flag, question } = FLAG[key];
    const text = question.replace(/(: | \[.*)$/, '');
    if (key === 'mailbox') command.option(flag, 'address of a mailbox; may be given several times', toList);
    else command.option(flag, text);
  }
  return command.action(async (flags: Flags) => writeSetup(cli, check(await askMissing(cli, flags))));
}
