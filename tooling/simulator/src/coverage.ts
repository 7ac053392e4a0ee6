import type { Tally } from './tally.ts';

interface Table {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, cells: readonly string[]])[];
}

const FATES = ['crash-before', 'crash-after', 'lostApplied', 'lostNotApplied', 'late', 'crash-late'] as const;
const STATE_EFFECTS = [
  'acquireLane',
  'startRun',
  'acquireFeed',
  'commitObservations',
  'releaseFeed',
  'commitLane',
  'openIntents',
  'finishRun',
  'releaseLane',
] as const;

const cells = (effect: string, fates: readonly string[]): readonly string[] =>
  fates.map((fate) => `effect ${effect} ${fate}`);

const EFFECTS: Table = {
  title: 'effect x fate',
  rows: [
    ...['write.create', 'write.update', 'write.delete'].flatMap((effect) =>
      cells(effect, FATES).map((cell) => [cell.slice(7), [cell]] as const),
    ),
    ...['changes', 'read', 'find', ...STATE_EFFECTS].flatMap((effect) =>
      cells(effect, FATES.slice(0, 2)).map((cell) => [cell.slice(7), [cell]] as const),
    ),
    ['a late write landed', ['effect write late landed']],
  ],
};

const crash = (row: string): readonly (readonly [string, readonly string[]])[] =>
  ['before', 'after'].map((when) => [`${row} ${when}`, [`crash ${row} ${when}`]] as const);

const CRASHES: Table = {
  title: 'crash table (5.8)',
  rows: [
    ...['1', '2', '3', '4', '5', '6', '7', '8', '9'].flatMap(crash),
    ...(['update', 'create', 'delete'] as const).flatMap((op, index) => [
      [`${10 + index} before`, [`effect write.${op} crash-before`]] as const,
      [`${10 + index} after`, [`effect write.${op} crash-after`]] as const,
    ]),
    ...crash('13'),
    ['14 part applied', ['fate batch crash-after', 'fate batch lostApplied']],
    ...crash('15'),
    ...crash('16'),
    ['17 lands later', ['effect write late landed']],
    ['18 paused', ['pause', 'pause at send']],
  ],
};

const EVIDENCE: Table = {
  title: 'evidence table (6.3)',
  rows: ['gone', 'found', 'out', 'merged', 'failed'].map((state) => [state, [`evidence ${state}`]] as const),
};

const ACTIONS: Table = {
  title: 'action table (7.1)',
  rows: [
    ['changed / unchanged', ['rule update a>b', 'rule update b>a']],
    ['changed / changed', ['rule conflict conflict:newer', 'rule conflict conflict:master']],
    ['new / absent: match', ['rule link match ']],
    ['new / absent: create', ['rule create new on a', 'rule create new on b']],
    ['gone / unchanged', ['rule delete deleted on a', 'rule delete deleted on b']],
    ['gone / changed', ['rule create edit beats delete']],
    ['gone / gone', ['rule gone gone on both sides']],
    ['out', ['rule hold left the scope']],
    ['merged', ['evidence merged']],
    [
      'unknown outcome',
      ['rule create recovered:new on a', 'rule create recovered:new on b', 'rule update recovered:changed'],
    ],
  ],
};

export const TABLES: readonly Table[] = [EFFECTS, CRASHES, EVIDENCE, ACTIONS];

export const countOf = (tally: Tally, cellNames: readonly string[]): number =>
  cellNames.reduce((sum, cell) => sum + (tally.coverage[cell] ?? 0), 0);

export function emptyCells(tally: Tally): string[] {
  return TABLES.flatMap((table) =>
    table.rows.flatMap(([label, names]) => (countOf(tally, names) === 0 ? [`${table.title}: ${label}`] : [])),
  );
}

export function coverageText(tally: Tally): string {
  return TABLES.map((table) => {
    const rows = table.rows.map(([label, names]) => `    ${label.padEnd(34)} ${countOf(tally, names)}`);
    return [`  ${table.title}`, ...rows].join('\n');
  }).join('\n');
}
