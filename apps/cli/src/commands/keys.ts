import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { rewrapCommand } from './keys-rewrap.ts';

export function keysCommand(cli: Cli): Command {
  return new Command('keys')
    .description('keys that data at rest is sealed with')
    .addCommand(rewrapCommand(cli));
}
