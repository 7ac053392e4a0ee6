import { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function demoCommand(cli: Cli): Command {
  return new Command('demo')
    .description('emulated Exchange Online and CRM, kept in step; nothing to sign up for')
    .action(() => cli.say('Not part of this build. Try: tidelock emulate'));
}
