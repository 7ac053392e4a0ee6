import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { keyPairCommands } from './key-pairs.ts';
import { destroyCommand } from './keys-destroy.ts';
import { rewrapCommand } from './keys-rewrap.ts';

export function keysCommand(cli: Cli): Command {
  const command = new Command('keys')
    .description('key pairs that sign, and the keys that data at rest is sealed with')
    .addCommand(rewrapCommand(cli))
    .addCommand(destroyCommand(cli));
  for (const child of keyPairCommands(cli)) command.addCommand(child);
  return command;
}
