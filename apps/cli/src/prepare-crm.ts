import type { Platform } from '@tidelock/host';
import type { Cli } from './cli.ts';
import { isAdapter } from './failure.ts';
import { printable } from './table.ts';

type Step = Awaited<ReturnType<Platform['crmService']['setup']>>[number]['steps'][number];

/** Yes and no in the words of a person; everything else is no. */
async function isAgreed(cli: Cli, question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  const { ask } = cli.terminal;
  if (ask === null) return false;
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)).trim());
}

const isOpen = ({ done, automatic }: Step): boolean => !done && automatic === true;

/**
 * Offers what adapters can create in their CRM, and does what a person agrees to (`yes`: all of it). Resolves to whether
 * anything was done. A CRM that cannot be asked, or refuses, says so and stops nothing.
 */
export async function prepareCrms(cli: Cli, platform: Platform, yes: boolean): Promise<boolean> {
  const { good, warn, dim } = cli.style();
  let changed = false;
  try {
    for (const { crm, steps } of await platform.crmService.setup()) {
      const title = platform.crmAdapters.get(crm)?.title ?? crm;
      for (const step of steps.filter(isOpen)) {
        if (!(await isAgreed(cli, `${title}: ${printable(step.text)} Create it now?`, yes))) continue;
        const after = await platform.crmService.provision(crm, [step.code]);
        const done = after.find(({ code }) => code === step.code)?.done === true;
        cli.say(
          done
            ? `${good('created')}  ${title}: ${printable(step.text)}`
            : `${warn('note')}  ${title}: it was created, and is still not as it has to be: tidelock doctor`,
        );
        changed = true;
      }
    }
  } catch (error) {
    if (!isAdapter(error)) throw error;
    cli.say(`${warn('note')}  ${printable(error.message)}`);
    if (error.remedy !== undefined) cli.say(`      ${dim('→')} ${printable(error.remedy)}`);
  }
  return changed;
}
