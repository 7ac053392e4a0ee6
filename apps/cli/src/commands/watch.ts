import { createRunner, createSystemRandom, type FeedEvent, sourceOf } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { eventLine } from '../event-line.ts';
import { type Session, withPlatform } from '../session.ts';

async function watch(cli: Cli, { platform, progress }: Session): Promise<void> {
  const { clock, log, state } = platform;
  const runner = createRunner({
    ...{ source: sourceOf(platform), state: state.sync, clock, log, random: createSystemRandom() },
  });
  const tell = (event: FeedEvent): void => {
    if (cli.globals().json) {
      cli.terminal.out(`${JSON.stringify({ id: event.id, at: event.at, ...event.of })}\n`);
      return;
    }
    const line = eventLine(cli, event);
    if (line === null) return;
    progress.clear();
    cli.say(line);
  };
  cli.json({ watching: platform.config.file }, 'now');
  cli.say(cli.style().dim('Keeps everything in step; Ctrl-C ends it at a safe point.'));
  const leave = runner.events.listen(tell);
  runner.start();
  await new Promise<void>((resolve) => {
    if (cli.signal.aborted) resolve();
    else cli.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const finished = await runner.stop();
  leave();
  cli.say(
    finished
      ? 'Stopped at a safe point.'
      : 'Stopped in the middle of something. Nothing is lost: the next run goes on from here.',
  );
}

export function watchCommand(cli: Cli): Command {
  return new Command('watch')
    .description('keep everything in step until Ctrl-C, one line for each write')
    .addHelpText(
      'after',
      `
Looks at a mailbox more often while somebody changes something there, and less and less while nobody does; the CRM is
read once for all. How often: "schedule" in the configuration. Groups are read again for who joined or left.
One process at a time works with an SQLite state. With --json each event is one line.`,
    )
    .action(() => withPlatform(cli, (session) => watch(cli, session)));
}
