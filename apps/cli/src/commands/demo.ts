import { CRM_VENDORS } from '@tidelock/emulators';
import { Command } from 'commander';
import { toLimit, toList } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { toCrmVendor } from '../crm-vendor.ts';
import { runDemo } from '../demo/run.ts';

const DEFAULT_SEED = 7;

interface Flags {
  readonly once: boolean;
  readonly contacts: readonly string[];
  readonly seed: number;
  readonly dir?: string;
  readonly crm: string;
}

export function demoCommand(cli: Cli): Command {
  return new Command('demo')
    .description('the server and its page over emulated Exchange Online and CRM; nothing to sign up for')
    .option(
      '--once',
      'tell a story by itself and end, instead of serving the page (implied by --json)',
      false,
    )
    .option(
      '--contacts <file>',
      'vCards to bring into the first mailbox; may be given several times',
      toList,
      [],
    )
    .option('--seed <n>', 'which lists and which spellings', toLimit, DEFAULT_SEED)
    .option('--dir <dir>', 'new folder for configuration and data, kept (default: a temporary one, removed)')
    .option('--crm <name>', `one of: ${CRM_VENDORS.join(', ')}`, CRM_VENDORS[0])
    .action(async (flags: Flags) => {
      const crm = toCrmVendor(flags.crm);
      const once = flags.once || cli.globals().json;
      await runDemo(cli, { once, crm, contacts: flags.contacts, seed: flags.seed, dir: flags.dir });
    });
}
