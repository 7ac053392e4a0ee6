import type { FieldValue } from '@tidelock/core';
import type { Cli } from '../cli.ts';
import type { PassReport } from '../reports.ts';
import { clip, printable, table } from '../table.ts';
import { plural, SIDE, shown } from '../words.ts';
import type { Check } from './checks.ts';
import { type Happening, inWords } from './happenings.ts';
import type { Tallies } from './ledger.ts';
import type { Edit } from './story.ts';
import { writesIn } from './tally.ts';

type PlanItem = PassReport['plan'][number];

const INDENT = '   ';
const NAME_WIDTH = 22;
/** Everything of a table of changes but the two values. */
const REST_WIDTH = 90;
/** For output that goes to a file or another program. */
const PLAIN_WIDTH = 130;

/** Prints in short numbered steps, everything else aligned below them. */
export interface Narration {
  /** Columns that a value may take in a table of changes. */
  readonly valueWidth: number;
  step(title: string, aside?: string): void;
  line(text: string): void;
  good(text: string): void;
  warn(text: string): void;
  table(columns: readonly { title: string; align?: 'right' }[], rows: readonly (readonly string[])[]): void;
}

export function createNarration(cli: Cli): Narration {
  const { bold, dim, good, warn } = cli.style();
  const width = cli.terminal.outIsTty ? cli.terminal.columns : PLAIN_WIDTH;
  let number = 0;
  const line = (text: string): void => cli.say(`${INDENT}${text}`);
  return {
    valueWidth: Math.min(30, Math.max(14, Math.floor((width - REST_WIDTH) / 2))),
    step(title, aside = '') {
      cli.say();
      cli.say(`${bold(`${++number}  ${title}`)}${aside === '' ? '' : `  ${dim(aside)}`}`);
    },
    line,
    good: (text) => line(`${good('✓')} ${text}`),
    warn: (text) => line(`${warn('!')} ${text}`),
    table(columns, rows) {
      for (const row of table(columns, rows, dim).split('\n')) line(row);
    },
  };
}

const brief = (text: string, width: number): string => clip(printable(text), width);

/** Where two long values differ only late, their common beginning is left out. */
function arrow(old: FieldValue, now: FieldValue, width: number): string {
  const [before, after] = [shown(old), shown(now)];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const cut = before.lastIndexOf(' ', same - 1) + 1;
  const short = Math.max(before.length, after.length) <= width;
  const from = short || cut < 4 ? 0 : cut;
  const part = (text: string): string => brief(from === 0 ? text : `…${text.slice(from)}`, width);
  return `${part(before)} → ${part(after)}`;
}

/** Counts of writes by kind and side, as a small table. */
export function tellTally(say: Narration, tally: Tallies, tense: 'planned' | 'done'): void {
  const rows = (['contacts', 'events'] as const).flatMap((kind) =>
    (['a', 'b'] as const).map((side) => {
      const { created, changed, deleted } = tally[kind].writes[side];
      const numbers = [created, changed, deleted].map((n) => n.toLocaleString('en'));
      return [`${kind} in the ${SIDE[side]}`, ...numbers];
    }),
  );
  const verbs = tense === 'planned' ? ['create', 'change', 'delete'] : ['created', 'changed', 'deleted'];
  say.table([{ title: '' }, ...verbs.map((title) => ({ title, align: 'right' as const }))], rows);
}

const HAPPENING_COLUMNS = ['who', 'where', 'what', 'because'].map((title) => ({ title }));

/** One example of each kind of field change; by name, because the order of a plan is that of random ids. */
export function tellExamples(say: Narration, plan: readonly PlanItem[], limit: number): void {
  const seen = new Set<string>();
  const byName = [...plan].sort(
    (x, y) => x.title.localeCompare(y.title, 'en') || (x.side ?? '').localeCompare(y.side ?? ''),
  );
  const rows = byName.flatMap((item): Happening[] => {
    const change = item.changes.find((one) => !seen.has(`${one.rule} ${one.field}`));
    if (item.action !== 'update' || change === undefined) return [];
    seen.add(`${change.rule} ${change.field}`);
    const { to: side, field, old, rule } = change;
    return [{ who: item.title, side, op: 'update', field, old, new: change.new, rule }];
  });
  const telling = [...rows].sort((x, y) => Number(x.rule === 'fill') - Number(y.rule === 'fill'));
  say.line('For example');
  tellHappenings(say, telling.slice(0, limit));
}

export function tellEdits(say: Narration, edits: readonly Edit[]): void {
  say.table(
    ['where', 'who', 'edit'].map((title) => ({ title })),
    edits.map((edit) => [edit.where === 'crm' ? 'CRM' : 'Outlook', brief(edit.who, NAME_WIDTH), edit.what]),
  );
}

const VERB = { create: 'created', update: 'changed', delete: 'deleted', conflict: 'conflict' } as const;

function changeOf(one: Happening, width: number): string {
  if (one.field === null) return VERB[one.op];
  if (one.op !== 'conflict') return `${one.field}: ${arrow(one.old, one.new, width)}`;
  return `${one.field}: ${brief(shown(one.new), width)} wins over ${brief(shown(one.old), width)}`;
}

export function tellHappenings(say: Narration, happenings: readonly Happening[]): void {
  say.table(
    HAPPENING_COLUMNS,
    happenings.map((one) => [
      brief(one.who, NAME_WIDTH),
      SIDE[one.side],
      changeOf(one, say.valueWidth),
      inWords(one.rule),
    ]),
  );
}

export function tellChecks(say: Narration, checks: readonly Check[], cli: Cli): void {
  const { good, bad } = cli.style();
  say.table(
    [
      { title: 'what' },
      { title: 'Tidelock says', align: 'right' },
      { title: 'the services hold', align: 'right' },
      { title: '' },
    ],
    checks.map(({ what, told, oracle, equal }) => [
      what,
      told.toLocaleString('en'),
      oracle.toLocaleString('en'),
      equal ? good('equal') : bad('DIFFERENT'),
    ]),
  );
}

export function tellSync(say: Narration, tally: Tallies, at: { rounds: number; ms: number }): void {
  const seconds = (at.ms / 1000).toFixed(1);
  const written = writesIn(tally.contacts) + writesIn(tally.events);
  say.good(`${plural(written, 'write')} in ${plural(at.rounds, 'round')} and ${seconds} s`);
}
