import { openKeys } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { configPath } from '../session.ts';
import { createStepLine } from '../step-line.ts';
import { plural } from '../words.ts';

/** `tidelock keys rewrap` */
export function rewrapCommand(cli: Cli): Command {
  return new Command('rewrap')
    .description(
      'wrap the keys that data is sealed with anew; no data is touched, and it may be broken off and repeated',
    )
    .option('--rotate', 'make a new wrapping key first', false)
    .action(async ({ rotate }: { readonly rotate: boolean }) => {
      const options = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env };
      await using keys = await openKeys(options);
      const line = createStepLine(cli);
      const onProgress = (done: number, all: number) => line.step(`wrapping data keys  ${done} of ${all}`);
      const report = await keys.rewrap({ rotate, onProgress }).finally(line.clear);
      cli.json({ rotated: rotate, ...report });
      if (rotate) cli.say('A new wrapping key is in use.');
      cli.say(`${plural(report.keys, 'data key')}, ${report.rewrapped} of them wrapped anew.`);
    });
}
