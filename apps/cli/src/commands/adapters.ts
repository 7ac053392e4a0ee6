import { type FoundAdapter, findAdapters, loadConfig, SLOTS } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { configPath } from '../session.ts';
import { printable, table } from '../table.ts';
import { verifyCommand } from './adapters-verify.ts';

/** Names that the configuration uses; none when there is no readable configuration. */
async function usedNames(cli: Cli): Promise<string[]> {
  try {
    const config = await loadConfig(configPath(cli), { env: cli.env });
    const further = Object.values(config.crms).map(({ adapter }) => adapter);
    return [...SLOTS.map((slot) => config.adapters[slot].adapter), ...further];
  } catch {
    return [];
  }
}

function row(adapter: FoundAdapter, used: readonly string[], cli: Cli): string[] {
  const { good, bad } = cli.style();
  const { info, name, problem } = adapter;
  const use = used.includes(name) ? good('in use') : '';
  if (info === null) return [name, '', '', use, bad(printable(problem?.reason ?? 'cannot be used'))];
  return [name, info.version ?? '', info.contract, use, printable(info.title)];
}

export function adaptersCommand(cli: Cli): Command {
  return new Command('adapters')
    .description('installed adapters with their contract and version')
    .addCommand(verifyCommand(cli))
    .action(async () => {
      const used = await usedNames(cli);
      const found = await findAdapters([configPath(cli), import.meta.url], used);
      const code = found.some((one) => one.info === null && used.includes(one.name)) ? EXIT.input : EXIT.ok;
      cli.json({
        adapters: found.map(({ name, info, problem }) => ({
          name,
          contract: info?.contract ?? null,
          version: info?.version ?? null,
          title: info?.title ?? null,
          inUse: used.includes(name),
          problem,
        })),
        exitCode: code,
      });
      const columns = ['Adapter', 'Version', 'Contract', '', 'What'].map((title) => ({ title }));
      cli.say(
        table(
          columns,
          found.map((one) => row(one, used, cli)),
          cli.style().bold,
        ),
      );
      cli.exit(code);
    });
}
