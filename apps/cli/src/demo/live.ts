import { setTimeout as wait } from 'node:timers/promises';
import { printable } from '../table.ts';
import { plural } from '../words.ts';
import type { Stage } from './act.ts';
import { happeningsOf, inWords } from './happenings.ts';
import { lineOf } from './narration.ts';

const EVERY_MS = 3000;

/** Keeps both sides in step until the signal, one line for each write. Resolves when stopped. */
export async function stayInStep(stage: Stage): Promise<void> {
  const { cli, say, services } = stage;
  const { bold, dim } = cli.style();
  say.step('Your turn', `in step every ${EVERY_MS / 1000} seconds; Ctrl-C ends it`);
  say.line(`Exchange Online  ${bold(services.reach.microsoft365.page)}`);
  say.line(`${services.crm.title.padEnd(15)}  ${bold(services.reach.crm.page)}`);
  say.line(dim('Open both, edit somebody on one page and watch it arrive on the other.'));
  cli.say();
  while (!cli.signal.aborted) {
    await wait(EVERY_MS, undefined, { signal: cli.signal }).catch(() => undefined);
    if (!cli.signal.aborted) await follow(stage);
  }
}

/** One sync. Trouble is told and survived: the next one tries again. */
async function follow({ cli, say, ledger, progress }: Stage): Promise<void> {
  try {
    const { reports } = await ledger.sync();
    progress.clear();
    for (const one of happeningsOf(reports.flatMap((report) => report.done)))
      say.good(`${lineOf(one, say.valueWidth)}  ${cli.style().dim(inWords(one.rule))}`);
    const withheld = reports.reduce((sum, { counts }) => sum + counts.withheld, 0);
    if (withheld > 0)
      say.warn(`${plural(withheld, 'change')} withheld: people would get mail (events.notify: hold)`);
  } catch (error) {
    progress.clear();
    if (cli.signal.aborted) return;
    say.warn(error instanceof Error ? printable(error.message) : 'the sync failed');
  }
}
