import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CRM_VENDORS } from '@tidelock/emulators';
import { Command } from 'commander';
import { toLimit, toPort } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { toCrmVendor } from '../crm-vendor.ts';
import { type Emulation, startEmulation } from '../emulation.ts';

interface Flags {
  readonly out?: string;
  readonly contacts: number;
  readonly microsoft365Port?: number;
  readonly crmPort?: number;
  readonly crm: string;
}

/** As the CRM's own screens call them. */
const CREDENTIALS: Readonly<Record<string, string>> = {
  consumerKey: 'consumer key',
  username: 'user name',
};

function print(cli: Cli, emulation: Emulation): void {
  const { bold, dim } = cli.style();
  const { urls, caFiles, tenantId, clientId, crm, credentials, configPath } = emulation;
  const given = Object.entries(credentials).map(
    ([name, value]) => `  ${(CREDENTIALS[name] ?? name).padEnd(12)}  ${value}\n`,
  );
  cli.say(`${bold('Microsoft 365')}  ${urls.microsoft365}  ${dim('open it in a browser')}
  tenant ID     ${tenantId}
  client ID     ${clientId}
  CA file       ${caFiles[0] ?? ''}
${bold(crm.title.padEnd(13))}  ${urls.crm}  ${dim('open it in a browser')}
${given.join('')}  CA file       ${caFiles[1] ?? ''}
${bold('Mailboxes')}      ${emulation.mailboxes.map(({ address }) => address).join(', ')}

Try, in another terminal:
  tidelock --config ${configPath} doctor
  tidelock --config ${configPath} plan
  tidelock --config ${configPath} sync

Running until Ctrl-C. Nothing is kept.`);
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });

export function emulateCommand(cli: Cli): Command {
  return new Command('emulate')
    .description('run an emulated Microsoft 365 and a CRM on this machine, until Ctrl-C')
    .option(
      '--out <dir>',
      'folder for a ready tidelock.yaml and the certificates (default: a new temporary one)',
    )
    .option('--crm <name>', `one of: ${CRM_VENDORS.join(', ')}`, CRM_VENDORS[0])
    .option('--contacts <n>', 'contacts per mailbox and per CRM user', toLimit, 30)
    .option('--microsoft365-port <port>', 'default: any free port', toPort)
    .option('--crm-port <port>', 'default: any free port', toPort)
    .action(async (flags: Flags) => {
      const folder =
        flags.out === undefined ? await mkdtemp(join(tmpdir(), 'tidelock-')) : resolve(cli.cwd, flags.out);
      const ports = {
        ...(flags.microsoft365Port === undefined ? {} : { microsoft365: flags.microsoft365Port }),
        ...(flags.crmPort === undefined ? {} : { crm: flags.crmPort }),
      };
      const crm = toCrmVendor(flags.crm);
      const emulation = await startEmulation(cli, { folder, contacts: flags.contacts, crm, ports });
      try {
        const { urls, caFiles, configPath, tenantId, clientId, credentials, mailboxes } = emulation;
        const connection = { tenantId, clientId, crm, credentials };
        cli.json({ urls, caFiles, configPath, ...connection, mailboxes }, 'now');
        print(cli, emulation);
        await ended(cli.signal);
      } finally {
        await emulation.close();
      }
      cli.say('Stopped.');
    });
}
