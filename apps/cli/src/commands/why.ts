import { answerCommand, type ExplainedItem, type Explanation, type Sentence } from '@tidelock/host';
import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withPlatform } from '../session.ts';
import { printable, wrap } from '../table.ts';

/** Codes of field sentences that say something also when nobody asked about that field. */
const TELLING = new Set(['field-differs', 'held-field', 'field-left-out', 'field-change']);

function paint(cli: Cli, { tone }: Sentence): (text: string) => string {
  const { good, warn, dim } = cli.style();
  return { fine: good, waits: dim, asks: warn, rests: dim }[tone];
}

const MARK: Readonly<Record<Sentence['tone'], string>> = { fine: '✓', waits: '…', asks: '!', rests: '–' };

function printSentence(cli: Cli, sentence: Sentence, indent: string): void {
  const { columns, outIsTty } = cli.terminal;
  const room = outIsTty ? Math.max(40, columns - indent.length - 2) : Number.POSITIVE_INFINITY;
  const [first, ...rest] = wrap(printable(sentence.text), room);
  cli.say(`${indent}${paint(cli, sentence)(MARK[sentence.tone])} ${first}`);
  for (const line of rest) cli.say(`${indent}  ${line}`);
  const command = answerCommand(sentence);
  if (command !== null) cli.say(`${indent}  ${cli.style().dim('→')} ${command}`);
}

/** Without a field asked for: where the sides differ, and the last change of each field. */
function inBrief(sentences: readonly Sentence[]): readonly Sentence[] {
  const telling = sentences.filter(({ code }) => TELLING.has(code));
  const [change] = telling.filter(({ code }) => code === 'field-change');
  return telling.filter((one) => one.code !== 'field-change' || one === change);
}

function printFields(cli: Cli, item: ExplainedItem, full: boolean): void {
  const shown = item.fields
    .map(({ field, sentences }) => ({ field, sentences: full ? sentences : inBrief(sentences) }))
    .filter(({ sentences }) => sentences.length > 0);
  if (shown.length > 0 && !full) cli.say(`  ${cli.style().bold('Fields')}`);
  for (const { field, sentences } of shown) {
    if (full) cli.say(`  ${cli.style().bold(printable(field))}`);
    for (const sentence of sentences) printSentence(cli, sentence, full ? '    ' : '  ');
  }
}

function printItem(cli: Cli, item: ExplainedItem, full: boolean): void {
  const { bold, dim } = cli.style();
  const alone = item.kind === 'record' ? ', no pair yet' : '';
  cli.say(`${bold(printable(item.title))}${alone}  ${printable(item.mailbox)}`);
  const ids = [
    ['pair', item.linkId],
    ['mailbox id', item.mailboxId],
    ['CRM id', item.crmId],
  ].flatMap(([name, id]) => (id === null ? [] : [`${name} ${printable(id ?? '')}`]));
  cli.say(`  ${dim(ids.join('  '))}`);
  for (const sentence of item.sentences) printSentence(cli, sentence, '  ');
  printFields(cli, item, full);
  cli.say();
}

function refuseNothing(query: string): never {
  const reason = 'nothing that is synchronised here matches this';
  const remedy =
    'Try the e-mail address or the last name. A contact that is not found is outside the folders that take part, belongs to another owner in the CRM, was never read (tidelock status), or matches no mailbox of the configuration.';
  throw new UsageError([{ path: query, reason, remedy }]);
}

function print(cli: Cli, of: { found: Explanation; full: boolean; limit: number }): void {
  const { dim, warn } = cli.style();
  for (const item of of.found.items) printItem(cli, item, of.full);
  if (of.found.more) cli.say(dim(`More match: write more of the name, or --limit ${of.limit * 5}.`));
  if (of.found.unasked !== null)
    cli.say(
      `${warn('note')}  The stores could not be asked what their fields hold (${printable(of.found.unasked)}), so a reason may be missing.`,
    );
}

export function whyCommand(cli: Cli): Command {
  return new Command('why')
    .description('what became of a contact or event, and why; also why nothing happens')
    .argument(
      '<who...>',
      'e-mail address, part of a name or subject, or an id (pair, either store, question)',
    )
    .option('--field <name>', 'one field in full, its changes walked back through history')
    .option('--limit <n>', 'contacts shown', toLimit, 10)
    .addHelpText('after', '\nReads only. Exit code 2 when nothing matches.')
    .action(async (words: readonly string[], options: { field?: string; limit: number }) => {
      const query = words.join(' ').trim();
      const { field, limit } = options;
      const found = await withPlatform(cli, async ({ platform }) => {
        if (query.length > 1) return platform.explain({ query, field, limit: Math.max(1, limit) });
        throw new UsageError([
          { path: query, reason: 'is too short to look for', remedy: 'Write at least two letters.' },
        ]);
      });
      if (found.items.length === 0) refuseNothing(query);
      cli.json({ query, ...found });
      print(cli, { found, full: field !== undefined, limit });
    });
}
