import { setTimeout as wait } from 'node:timers/promises';
import type { Stage } from './act.ts';
import { happeningsOf, inWords } from './happenings.ts';
import { lineOf } from './narration.ts';

const EVERY_MS = 3000;

/** Keeps both sides in step until the signal, one line for each write. Resolves when stopped. */
export async function stayInStep({ cli, say, services, ledger, progress }: Stage): Promise<void> {
  const { bold, dim } = cli.style();
  say.step('Your turn', `in step every ${EVERY_MS / 1000} seconds; Ctrl-C ends it`);
  say.line(`Exchange Online  ${bold(services.reach.microsoft365.page)}`);
  say.line(`Salesforce       ${bold(services.reach.salesforce.page)}`);
  say.line(dim('Open both, edit somebody on one page and watch it arrive on the other.'));
  cli.say();
  while (!cli.signal.aborted) {
    await wait(EVERY_MS, undefined, { signal: cli.signal }).catch(() => undefined);
    if (cli.signal.aborted) break;
    const { reports } = await ledger.sync();
    progress.clear();
    for (const happening of happeningsOf(reports.flatMap((report) => report.done))) {
      say.good(`${lineOf(happening)}  ${dim(inWords(happening.rule))}`);
    }
  }
}
