import type { Cli } from '../cli.ts';
import type { PassReport } from '../reports.ts';
import { clip, printable, table } from '../table.ts';
import { plural, SIDE, shown } from '../words.ts';
import type { Check } from './checks.ts';
import { type Happening, inWords } from './happenings.ts';
import type { Edit } from './story.ts';
import { type Tally, writesIn } from './tally.ts';

type PlanItem = PassReport['plan'][number];

const INDENT = '   ';
const VALUE_WIDTH = 34;

/** Prints in short numbered steps, everything else aligned below them. */
export interface Narration {
  step(title: string, aside?: string): void;
  line(text: string): void;
  good(text: string): void;
  warn(text: string): void;
  table(columns: readonly { title: string; align?: 'right' }[], rows: readonly (readonly string[])[]): void;
}

export function createNarration(cli: Cli): Narration {
  const { bold, dim, good, warn } = cli.style();
  let number = 0;
  const line = (text: string): void => cli.say(`${INDENT}${text}`);
  return {
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

const brief = (text: string): string => clip(printable(text), VALUE_WIDTH);

const arrow = (old: Parameters<typeof shown>[0], now: Parameters<typeof shown>[0]): string =>
  `${brief(shown(old))} → ${brief(shown(now))}`;

/** Counts of writes by side, as a small table. */
export function tellTally(say: Narration, tally: Tally, tense: 'planned' | 'done'): void {
  const rows = (['a', 'b'] as const).map((side) => {
    const { created, changed, deleted } = tally.writes[side];
    return [`in the ${SIDE[side]}`, ...[created, changed, deleted].map((n) => n.toLocaleString('en'))];
  });
  const verbs = tense === 'planned' ? ['create', 'change', 'delete'] : ['created', 'changed', 'deleted'];
  say.table([{ title: '' }, ...verbs.map((title) => ({ title, align: 'right' as const }))], rows);
}

/** One example of each rule that changes fields, the most telling ones first. */
export function tellExamples(say: Narration, plan: readonly PlanItem[], limit: number): void {
  const seen = new Set<string>();
  const rows: string[][] = [];
  for (const item of plan.filter((one) => one.action === 'update')) {
    for (const change of item.changes) {
      const key = `${change.rule} ${change.field}`;
      if (seen.has(key) || rows.length >= limit) continue;
      seen.add(key);
      rows.push([
        brief(item.title),
        SIDE[change.to],
        change.field,
        arrow(change.old, change.new),
        inWords(change.rule),
      ]);
      break;
    }
  }
  if (rows.length > 0)
    say.table(
      ['who', 'in the', 'field', 'change', 'because'].map((title) => ({ title })),
      rows,
    );
}

export function tellEdits(say: Narration, edits: readonly Edit[]): void {
  say.table(
    ['where', 'who', 'edit'].map((title) => ({ title })),
    edits.map((edit) => [edit.where === 'crm' ? 'CRM' : 'Outlook', brief(edit.who), edit.what]),
  );
}

const VERB = { create: 'created', update: 'changed', delete: 'deleted', conflict: 'conflict' } as const;

function changeOf(happening: Happening): string {
  if (happening.field === null) return '';
  if (happening.op === 'conflict')
    return `${brief(shown(happening.new))} wins over ${brief(shown(happening.old))}`;
  return arrow(happening.old, happening.new);
}

export function tellHappenings(say: Narration, happenings: readonly Happening[]): void {
  say.table(
    ['who', 'in the', 'what', 'field', 'old → new', 'because'].map((title) => ({ title })),
    happenings.map((one) => [
      brief(one.who),
      SIDE[one.side],
      VERB[one.op],
      one.field ?? '',
      changeOf(one),
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

export function tellSync(say: Narration, tally: Tally, at: { rounds: number; ms: number }): void {
  const seconds = (at.ms / 1000).toFixed(1);
  say.good(`${plural(writesIn(tally), 'write')} in ${plural(at.rounds, 'round')} and ${seconds} s`);
}

/** One write on one line. */
export function lineOf(one: Happening): string {
  const field = one.field === null ? '' : `  ${one.field}: ${changeOf(one)}`;
  return `${brief(one.who)}  ${VERB[one.op]} in the ${SIDE[one.side]}${field}`;
}
