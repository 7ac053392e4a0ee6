import { openSecrets } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { configPath } from '../session.ts';
import { migrateCommand } from './secrets-migrate.ts';

const open = (cli: Cli) =>
  openSecrets({ configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env });

async function readValue(cli: Cli, name: string): Promise<string> {
  const { ask } = cli.terminal;
  const text = ask ? await ask(`Value of ${name}: `, true) : await cli.terminal.readInput();
  const value = text.replace(/\r?\n$/, '');
  if (value !== '') return value;
  const remedy = `Pipe the value in: printf %s "$VALUE" | tidelock secrets put ${name}`;
  throw new UsageError([{ path: name, reason: 'the value is empty', remedy }]);
}

function putCommand(cli: Cli): Command {
  return new Command('put')
    .description('put a secret into the secret store; the value comes from standard input')
    .argument('<name>', 'name that { secret: name } refers to')
    .action(async (name: string) => {
      const value = await readValue(cli, name);
      await using opened = await open(cli);
      await opened.secrets.store.put(name, new TextEncoder().encode(value));
      cli.json({ name, stored: true });
      cli.say(`${name} is stored.`);
    });
}

function listCommand(cli: Cli): Command {
  return new Command('list').description('names of secrets and keys; never values').action(async () => {
    await using opened = await open(cli);
    const { abilities, store, keys } = opened.secrets;
    const names = abilities.store ? await store.list() : [];
    const certificates = abilities.keys ? await keys.list() : [];
    const expiry = certificates.map(({ keyName, notAfter, sha256 }) => ({
      keyName,
      notAfter: new Date(notAfter).toISOString(),
      sha256,
    }));
    cli.json({ secrets: names, keys: expiry });
    for (const name of names) cli.say(`secret  ${name}`);
    for (const { keyName, notAfter } of expiry) cli.say(`key     ${keyName}  until ${notAfter.slice(0, 10)}`);
  });
}

export function secretsCommand(cli: Cli): Command {
  return new Command('secrets')
    .description('put secrets into the secret store, list their names, or move to another store')
    .addCommand(putCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(migrateCommand(cli));
}
