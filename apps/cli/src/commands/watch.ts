import { createRunner, createSystemRandom, type FeedEvent, type Happening, sourceOf } from '@tidelock/host';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type Session, withPlatform } from '../session.ts';
import { printable } from '../table.ts';
import { duration, plural } from '../words.ts';

type Item = Happening & { readonly type: 'item' };

const DONE = { create: 'created', update: 'updated', delete: 'deleted' } as const;
const SIDE = { a: '→ mailbox', b: '→ CRM' } as const;

const time = (at: number): string => new Date(at).toTimeString().slice(0, 8);

function sayItem({ op, side, title, fields, rule, label }: Item): string {
  const changed = op === 'update' && fields.length > 0 ? ` (${fields.join(', ')})` : '';
  return `${printable(label)}  ${SIDE[side].padEnd(9)}  ${DONE[op]}  ${printable(title)}${changed}  ${rule}`;
}

function sayError(of: Happening & { readonly type: 'error' }, at: number): string {
  const again = of.retryAt === null ? '' : ` Next try in ${duration(Math.max(0, of.retryAt - at))}.`;
  const remedy = of.remedy === null ? '' : ` ${of.remedy}`;
  return `${printable(of.label)}: ${printable(of.message)} (${of.kind}).${printable(remedy)}${again}`;
}

/** One line for what people want to know; null = it is for programs. */
function lineOf(cli: Cli, { at, of }: FeedEvent): string | null {
  const { good, warn, bad, dim } = cli.style();
  switch (of.type) {
    case 'item':
      return `${good('wrote')}  ${sayItem(of)}`;
    case 'error':
      return `${bad('error')}  ${sayError(of, at)}`;
    case 'review.opened':
      return `${warn('asks ')}  ${printable(of.label)}: ${plural(of.count, 'question')}. ${dim('→ tidelock review')}`;
    case 'hold': {
      const deletes = of.deletes > 0 ? `${plural(of.deletes, 'delete')} wait for approval` : '';
      const mail = of.withheld > 0 ? `${plural(of.withheld, 'change')} would send mail to people` : '';
      const what = [deletes, mail].filter((part) => part !== '').join('; ');
      return `${warn('holds')}  ${printable(of.label)}: ${what}. ${dim('→ tidelock status')}`;
    }
    case 'lag':
      return of.late === 0
        ? `${good('again')}  every mailbox is in step again`
        : `${warn('late ')}  ${plural(of.late, 'mailbox', 'mailboxes')} not in step, the longest for ${duration(of.worstMs)}`;
    case 'key':
      return `${warn('key  ')}  the certificate of ${of.keyName}: ${of.days < 0 ? 'has ended' : `${plural(of.days, 'day')} left`}. ${dim('→ tidelock keys')}`;
    case 'roster':
      return `${dim('who  ')}  ${plural(of.lanes, 'mailbox or calendar', 'mailboxes and calendars')} (${of.joined} joined, ${of.left} left)`;
    default:
      return null;
  }
}

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
    const line = lineOf(cli, event);
    if (line === null) return;
    progress.clear();
    cli.say(`${cli.style().dim(time(event.at))}  ${line}`);
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
