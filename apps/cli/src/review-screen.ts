import type { Fields } from '@tidelock/core';
import {
  ANSWER_EFFECT,
  type NamedRecord,
  type OpenQuestion,
  QUESTION_HEADING,
  QUESTION_TEXT,
  type QuestionKind,
} from '@tidelock/host';
import type { Cli } from './cli.ts';
import { clip, printable, table, widthFor, widthOf, wrap } from './table.ts';
import { plural, SIDE, shown } from './words.ts';

const SAMPLE = 5;
const SHORTEST_ID = 8;

/** The first letters that tell this id from all others. */
export function shortIdOf(id: string, all: readonly string[]): string {
  for (let length = SHORTEST_ID; length < id.length; length++) {
    const start = id.slice(0, length);
    if (all.filter((other) => other.startsWith(start)).length <= 1) return start;
  }
  return id;
}

const titleFor = ({ title, id }: NamedRecord): string => printable(title ?? `(cannot be read) ${id}`);

/** Both sides of a pair mostly have one name: then it is said once. */
function recordLines(question: OpenQuestion, width: number): string[] {
  const { records } = question;
  if (question.kind === 'held-deletes') {
    const titles = [...new Set(records.map(titleFor))].sort((x, y) => x.localeCompare(y, 'en'));
    const rest = titles.length - SAMPLE;
    const text =
      titles.slice(0, SAMPLE).join('; ') + (rest > 0 ? `; and ${rest.toLocaleString('en')} more` : '');
    return titles.length === 0 ? [] : [...wrap(text, width)];
  }
  const titles = new Set(records.map(titleFor));
  const [only] = titles;
  if (question.linkIds.length > 0 && titles.size === 1 && only !== undefined) return [clip(only, width)];
  return records.map((record) => clip(`${SIDE[record.side].padEnd(8)} ${titleFor(record)}`, width));
}

function printQuestion(cli: Cli, question: OpenQuestion, id: string): void {
  const { bold, dim } = cli.style();
  const width = widthFor(cli) - 6;
  cli.say(`  ${bold(id)}  ${printable(question.mailbox)}`);
  for (const line of recordLines(question, width)) cli.say(`      ${line}`);
  const points = question.score === null ? '' : `${question.score} points: `;
  for (const line of wrap(printable(points + question.reasons.join(', ')), width))
    cli.say(`      ${dim(line)}`);
  cli.say(`      ${dim('→')} tidelock review decide ${id} ${question.decisions.join('|')}`);
}

const ORDER = Object.keys(QUESTION_HEADING) as QuestionKind[];

/** Open questions by kind, each kind with what is asked and what the answers do. */
export function printQuestions(
  cli: Cli,
  of: { readonly shown: readonly OpenQuestion[]; readonly all: readonly OpenQuestion[] },
): void {
  const { bold, dim } = cli.style();
  const ids = of.all.map((question) => question.id);
  for (const kind of ORDER) {
    const total = of.all.filter((question) => question.kind === kind);
    const [first] = total;
    if (first === undefined) continue;
    cli.say(`${bold(QUESTION_HEADING[kind])}  ${total.length.toLocaleString('en')}`);
    const answers = first.decisions.map((answer) => `${answer}: ${ANSWER_EFFECT[kind][answer] ?? ''}`);
    for (const line of wrap(`${QUESTION_TEXT[kind]} ${answers.join(' ')}`, widthFor(cli) - 2))
      cli.say(`  ${dim(line)}`);
    const mine = of.shown.filter((question) => question.kind === kind);
    for (const question of mine) printQuestion(cli, question, shortIdOf(question.id, ids));
    if (mine.length < total.length)
      cli.say(
        `  ${dim(`and ${(total.length - mine.length).toLocaleString('en')} more (--limit ${total.length})`)}`,
      );
    cli.say();
  }
  cli.say(`${plural(of.all.length, 'question')}. The records side by side: tidelock review show <id>`);
}

export interface ShownRecord extends NamedRecord {
  /** Null: it cannot be read now. */
  readonly fields: Fields | null;
}

const DIFFERENT = '≠';

/** One row a field, one column a record; what differs is marked. */
export function printSideBySide(cli: Cli, records: readonly ShownRecord[]): void {
  const { bold, dim, warn } = cli.style();
  const names = [...new Set(records.flatMap((record) => Object.keys(record.fields ?? {})))];
  const label = Math.min(20, Math.max(0, ...names.map(widthOf)));
  const room = Math.max(16, Math.floor((widthFor(cli) - label - 5) / Math.max(1, records.length)) - 2);
  const several = (side: 'a' | 'b'): boolean => records.filter((record) => record.side === side).length > 1;
  const counts = { a: 0, b: 0 };
  const titles = records.map(({ side }) => `${SIDE[side]}${several(side) ? ` ${++counts[side]}` : ''}`);
  const rows = names.flatMap((name) => {
    const values = records.map((record) => record.fields?.[name] ?? null);
    if (values.every((value) => value === null)) return [];
    const texts = values.map((value) => (value === null ? dim('–') : clip(shown(value), room)));
    const same = new Set(values.map((value) => JSON.stringify(value))).size === 1;
    return [[clip(printable(name), label), same ? ' ' : warn(DIFFERENT), ...texts]];
  });
  const columns = ['', ' ', ...titles].map((title) => ({ title }));
  if (rows.length > 0) cli.say(table(columns, rows, bold));
  for (const record of records.filter((one) => one.fields === null))
    cli.say(`${warn('unread')}  ${SIDE[record.side]} ${record.id}: it cannot be read now, or is gone`);
}
