import { headingOf, PLAN_ACTIONS } from '@tidelock/host';
import type { Cli } from './cli.ts';
import type { PassReport } from './reports.ts';
import { clip, printable, table, widthFor, widthOf, wrap } from './table.ts';
import { plural, ruleWords, shown } from './words.ts';

export type PlanItem = PassReport['plan'][number];

function groups(items: readonly PlanItem[]): [string, PlanItem[]][] {
  const byHeading = new Map<string, PlanItem[]>();
  const sorted = items.toSorted(
    (x, y) =>
      PLAN_ACTIONS.indexOf(x.action) - PLAN_ACTIONS.indexOf(y.action) || x.title.localeCompare(y.title, 'en'),
  );
  for (const item of sorted) {
    const heading = `${headingOf(item)}${item.held === null ? '' : ' (held)'}`;
    byHeading.set(heading, [...(byHeading.get(heading) ?? []), item]);
  }
  return [...byHeading];
}

/** `old → new` in so many columns; both halves stay readable. */
function changeText(change: PlanItem['changes'][number], width: number): string {
  const [old, wanted] = [shown(change.old), shown(change.new)];
  if (widthOf(old) + widthOf(wanted) + 3 <= width) return `${old} → ${wanted}`;
  const half = Math.floor((width - 3) / 2);
  const left = clip(old, Math.max(half, width - 3 - widthOf(wanted)));
  return `${left} → ${clip(wanted, width - 3 - widthOf(left))}`;
}

function fieldLines(cli: Cli, item: PlanItem, width: number): string {
  const { dim } = cli.style();
  const rules = item.changes.map((change) => ruleWords(change.rule));
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));
  const names = Math.min(24, widest(item.changes.map((change) => change.field)));
  const room = Math.max(24, width - 8 - names - 2 - widest(rules) - 2);
  const rows = item.changes.map((change, index) => [
    `        ${clip(printable(change.field), names)}`,
    changeText(change, room),
    dim(rules[index] ?? ''),
  ]);
  return table([{ title: '' }, { title: '' }, { title: '' }], rows).replace(/^\s*\n/, '');
}

function reasonOf(item: PlanItem): string {
  if (item.match !== null) return `${item.match.score} points: ${item.match.reasons.join(', ')}`;
  if (item.question?.score != null) return `${item.question.score} points`;
  return item.action === 'review' || item.action === 'freeze' ? '' : ruleWords(item.rule);
}

function printHead(cli: Cli, item: PlanItem, width: number): void {
  const { dim } = cli.style();
  const reason = printable(reasonOf(item));
  const title = clip(printable(item.title), width - 6);
  const fits = 6 + widthOf(title) + 2 + widthOf(reason) <= width;
  cli.say(`      ${title}${fits && reason !== '' ? `  ${dim(reason)}` : ''}`);
  if (!fits) for (const line of wrap(reason, width - 8)) cli.say(`        ${dim(line)}`);
  for (const text of item.question?.reasons ?? [])
    for (const line of wrap(printable(text), width - 8)) cli.say(`        ${line}`);
}

function printConflicts(cli: Cli, item: PlanItem, width: number): void {
  const { warn } = cli.style();
  for (const { field, kept, lost, rule } of item.conflicts) {
    const text = `${field}: ${shown(kept)} wins over ${shown(lost)} (${ruleWords(rule)})`;
    for (const [index, line] of wrap(text, width - 18).entries())
      cli.say(`        ${index === 0 ? warn('conflict') : '        '}  ${clip(line, width - 18)}`);
  }
}

function printItem(cli: Cli, item: PlanItem, width: number): void {
  printHead(cli, item, width);
  if (item.action === 'update') cli.say(fieldLines(cli, item, width));
  else if (item.changes.length > 0) {
    const values = item.changes.map(({ field, old, new: wanted }) =>
      printable(`${field} ${shown(item.action === 'delete' ? old : wanted)}`),
    );
    cli.say(`        ${clip(values.join(' · '), width - 8)}`);
  }
  printConflicts(cli, item, width);
  const people = (item.people ?? []).map(printable).join(', ');
  if (people !== '')
    for (const line of wrap(`makes contacts of ${people}`, width - 8)) cli.say(`        ${line}`);
}

export function printLane(
  cli: Cli,
  lane: { readonly name: string; readonly items: readonly PlanItem[]; readonly limit: number },
): void {
  const { bold, dim } = cli.style();
  const width = widthFor(cli);
  const { items, limit } = lane;
  const what = items.length === 0 ? 'in step, nothing to do' : plural(items.length, 'step');
  cli.say(`${bold(printable(lane.name))}  ${what}`);
  for (const [heading, group] of groups(items)) {
    cli.say(`  ${heading}  ${bold(group.length.toLocaleString('en'))}`);
    for (const item of group.slice(0, limit)) printItem(cli, item, width);
    const more = group.length - limit;
    if (more > 0)
      cli.say(
        `      ${dim(`and ${more.toLocaleString('en')} more (--limit ${group.length}, or --out FILE)`)}`,
      );
  }
  cli.say();
}

const RISKS = [
  ['create', 'records created'],
  ['fill', 'blanks filled'],
  ['overwrite', 'values changed'],
  ['blank', 'values emptied'],
  ['delete', 'records deleted'],
] as const;
type Risk = (typeof RISKS)[number][0];

const riskOfChange = (change: PlanItem['changes'][number]): Risk =>
  change.new === null ? 'blank' : change.old === null ? 'fill' : 'overwrite';

/** Records that are made or deleted, and values that change in the others. */
const countOf = (item: PlanItem, risk: Risk): number =>
  item.action === 'update'
    ? item.changes.filter((change) => riskOfChange(change) === risk).length
    : Number(item.side !== null && item.action === risk);

/** One row per kind of risk, one column per side: what an administrator has to answer for. */
export function printSums(cli: Cli, items: readonly PlanItem[]): void {
  const { bold, warn } = cli.style();
  const count = (wanted: (item: PlanItem) => boolean): number => items.filter(wanted).length;
  const rows = RISKS.map(([risk, words]) => {
    const sum = (wanted: (item: PlanItem) => boolean): number =>
      items.filter(wanted).reduce((total, item) => total + countOf(item, risk), 0);
    const on = (side: 'a' | 'b'): string => sum((item) => item.side === side).toLocaleString('en');
    const held = sum((item) => item.held !== null);
    return [words, on('a'), on('b'), held === 0 ? '' : warn(`${held.toLocaleString('en')} held`)];
  });
  const columns = [
    { title: 'What is written' },
    { title: 'mailbox', align: 'right' as const },
    { title: 'CRM', align: 'right' as const },
    { title: '' },
  ];
  cli.say(table(columns, rows, bold));
  const emails = items.reduce((sum, item) => sum + item.emails, 0);
  const conflicts = items.reduce((sum, item) => sum + item.conflicts.length, 0);
  const others = [
    plural(
      count((item) => item.action === 'link'),
      'pair',
      'pairs',
    ) + ' to link',
    plural(conflicts, 'conflict'),
    plural(
      count((item) => item.action === 'review'),
      'question',
    ),
    `${count((item) => item.action === 'freeze' || item.action === 'unlink').toLocaleString('en')} left alone or unlinked`,
  ];
  cli.say(others.join(', '));
  const people = new Set(items.flatMap((item) => item.people ?? [])).size;
  if (people > 0) cli.say(`${plural(people, 'contact')} made of people on events whom the CRM does not know`);
  const withheld = items.reduce((sum, item) => sum + item.withheld, 0);
  cli.say(`${plural(emails, 'e-mail')} would leave`);
  const waiting = count((item) => item.withheld > 0);
  if (withheld > 0)
    cli.say(
      warn(`${plural(waiting, 'change')} withheld: would notify ${plural(withheld, 'person', 'people')}`),
    );
  cli.say();
}
