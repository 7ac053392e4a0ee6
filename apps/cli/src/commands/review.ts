import {
  type OpenQuestion,
  openQuestions,
  pickQuestion,
  QUESTION_HEADING,
  QUESTION_TEXT,
  withNames,
} from '@tidelock/host';
import { Command } from 'commander';
import { toLimit } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { printQuestions, printSideBySide, type ShownRecord } from '../review-screen.ts';
import { type Session, withPlatform } from '../session.ts';
import { printable, widthFor, wrap } from '../table.ts';
import { decideCommand } from './review-decide.ts';

interface ListOptions {
  readonly limit: number;
  readonly kind?: string;
}

function requireKind(kind: string | undefined): void {
  if (kind === undefined || Object.hasOwn(QUESTION_HEADING, kind)) return;
  const remedy = `One of: ${Object.keys(QUESTION_HEADING).join(', ')}`;
  throw new UsageError([{ path: `--kind ${kind}`, reason: 'no such kind of question', remedy }]);
}

const documentOf = ({ review: _, ...question }: OpenQuestion) => question;

async function list(cli: Cli, { platform, progress }: Session, options: ListOptions): Promise<void> {
  requireKind(options.kind);
  const open = await openQuestions(platform);
  const all = options.kind === undefined ? open : open.filter((one) => one.kind === options.kind);
  const perKind = new Map<string, number>();
  const picked = all.filter(({ kind }) => {
    const count = (perKind.get(kind) ?? 0) + 1;
    perKind.set(kind, count);
    return cli.globals().json || count <= options.limit;
  });
  const { questions, unread } = await withNames(platform, picked);
  progress.clear();
  cli.json({ questions: questions.map(documentOf), unread });
  if (all.length === 0) {
    cli.say('Nothing waits for a decision.');
    return;
  }
  if (unread !== null)
    cli.say(`${cli.style().warn('note')}  Some names cannot be read now: ${printable(unread)}\n`);
  printQuestions(cli, { shown: questions, all });
}

async function show(cli: Cli, { platform, progress }: Session, id: string): Promise<void> {
  const picked = pickQuestion(await openQuestions(platform), id);
  const { questions, unread } = await withNames(platform, [picked]);
  const question = questions[0] ?? picked;
  const held = question.kind === 'held-deletes';
  const shownRecords: ShownRecord[] = [];
  for (const side of ['a', 'b'] as const) {
    const records = question.records.filter((record) => record.side === side);
    if (records.length === 0 || held) continue;
    const ids = records.map((record) => record.id);
    const read = await platform.records(question.laneId, side, ids).catch(() => new Map());
    shownRecords.push(...records.map((record) => ({ ...record, fields: read.get(record.id) ?? null })));
  }
  progress.clear();
  cli.json({ ...documentOf(question), shown: shownRecords, unread });
  const { bold, dim } = cli.style();
  cli.say(`${bold(QUESTION_HEADING[question.kind])}  ${printable(question.mailbox)}`);
  cli.say(dim(question.id));
  cli.say(QUESTION_TEXT[question.kind]);
  const points = question.score === null ? '' : `${question.score} points: `;
  for (const line of wrap(printable(points + question.reasons.join(', ')), widthFor(cli))) cli.say(line);
  cli.say();
  if (held) for (const { title, id: record } of question.records) cli.say(`  ${printable(title ?? record)}`);
  else printSideBySide(cli, shownRecords);
  cli.say(`\n${dim('→')} tidelock review decide ${question.id.slice(0, 8)} ${question.decisions.join('|')}`);
}

export function reviewCommand(cli: Cli): Command {
  const command = new Command('review')
    .description('what only a person can decide')
    .option('--kind <kind>', 'only questions of this kind, as --json names it')
    .option('--limit <n>', 'questions shown per kind (with --json: all)', toLimit, 20)
    .action((options: ListOptions) => withPlatform(cli, (session) => list(cli, session, options)));
  command
    .command('show')
    .description('a question in full: the records side by side, as they are now')
    .argument('<id>', 'id of the question, or its first letters')
    .action((id: string) => withPlatform(cli, (session) => show(cli, session, id)));
  command.addCommand(decideCommand(cli));
  return command;
}
