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

/** Schedules within which every cell has to be reached. */
export const COVER_WITHIN = 10_000;

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
    ['a plan carried out', ['plan carried out']],
    ['a plan that something had overtaken', ['plan drifted']],
    ['two chunks of a pass side by side', ['parts side by side']],
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
  rows: [
    ['reported, GET 404: gone', ['evidence removed gone']],
    ['reported, GET 200: alive', ['evidence removed found']],
    ['reported, outside scope: out', ['evidence removed out']],
    ['another id: merged', ['evidence removed merged', 'evidence merged merged']],
    ['missing after a scan: gone', ['evidence missing gone']],
    ['missing after a scan: alive', ['evidence missing found']],
    ['missing after a scan: out', ['evidence missing out']],
    ['one read failed: no verdict', ['evidence removed failed', 'evidence missing failed']],
    ['permission gone: no verdict', ['effect read denied']],
    ['container gone: no verdict', ['effect changes denied']],
    ['all refused alike: the breaker', ['rule breaker open']],
    ['empty twice: believed', ['rule scan empty twice']],
    ['another mapping, another try', ['rule another mapping']],
    ['first look', ['look first']],
    ['second look', ['look second']],
  ],
};

const IDENTITY: Table = {
  title: 'stamps and our own late writes (5.3, 5.6, 5.7)',
  rows: [
    ['adopted by its stamp', ['stamp adopted']],
    ['late create of an ended pair', ['stamp revived']],
    ['moved, found by its stamp', ['rule link moved: same stamp']],
    ['late update written over (rule Z)', ['rule update late write of ours']],
    ['twin deleted', ['heal delete']],
    ['edited twin set free', ['heal update']],
    ['reported after the end of its pair', ['report after the end']],
  ],
};

const ACTIONS: Table = {
  title: 'action table (7.1)',
  rows: [
    ['unchanged / unchanged', ['action versions only']],
    ['changed / unchanged', ['rule update a>b', 'rule update b>a']],
    ['changed / changed', ['rule conflict conflict:newer', 'rule conflict conflict:master']],
    ['new / absent: match', ['rule link match ']],
    ['new / absent: create', ['rule create new on a', 'rule create new on b']],
    ['gone / unchanged', ['rule delete deleted on a', 'rule delete deleted on b']],
    ['gone / changed', ['rule create edit beats delete']],
    ['gone / gone', ['rule gone gone on both sides']],
    ['out: freeze', ['rule hold left the scope']],
    ['out: back', ['action back in scope']],
    ['back / gone by us: resurrect', ['action resurrect']],
    ['merged', ['action merged']],
    [
      'unknown outcome',
      [
        ...['create recovered:new on a', 'create recovered:new on b', 'update recovered:changed'],
        ...['update recovered:a>b', 'update recovered:b>a'],
      ].map((name) => `rule ${name}`),
    ],
  ],
};

const acts = (...names: readonly string[]): readonly string[] => names.map((name) => `calendar ${name}`);

const CALENDARS: Table = {
  title: 'calendars (6.7, decisions 0520 to 0522)',
  rows: [
    ['a date cancelled, renamed or set back', acts('except')],
    ['a series to another day', acts('reschedule')],
    ['a series cut off', acts('cut')],
    ['this and following: on one side', acts('split')],
    ['this and following: on both sides', acts('split on both sides')],
    ['another guest list', acts('invite')],
    ['two things at once, on both sides', acts('on both sides')],
    ['time and rule taken whole', ['rule conflict series:whole']],
    ['the window moved', ['window moved']],
    ['  while an enumeration ran', ['window moved over an enumeration']],
    ['  and left out pairs in step', ['window left out']],
    ['  and let them in again', ['window let in']],
    ['read through the window of before', ['window of before']],
    ['deleted outside the window, unseen', ['window deleted unseen']],
    ['a meeting of several mailboxes', ['meeting made']],
    ['its copies followed the organizer', ['meeting followed']],
    ['its copies asked for', ['copies asked for']],
    ['  and found', ['copy found']],
    ['a copy let go', ['copy let go']],
    ['one CRM event of several lanes', ['meeting of several lanes']],
    ['a write withheld', ['mail withheld: writes']],
    ['mail sent, within its budget', ['mail sent']],
  ],
};

const TABLES: readonly Table[] = [EFFECTS, CRASHES, EVIDENCE, IDENTITY, ACTIONS];

/** A calendar knows one mapping, so nothing there is tried again under another one. */
const NOT_OF_EVENTS = ['another mapping, another try'];

const withoutRows = (table: Table): Table => ({
  ...table,
  rows: table.rows.filter(([label]) => !NOT_OF_EVENTS.includes(label)),
});

const tablesOf = (events: boolean): readonly Table[] =>
  events ? [...TABLES.map(withoutRows), CALENDARS] : TABLES;

export const countOf = (tally: Tally, cellNames: readonly string[]): number =>
  cellNames.reduce((sum, cell) => sum + (tally.coverage[cell] ?? 0), 0);

export function emptyCells(tally: Tally, events: boolean): string[] {
  return tablesOf(events).flatMap((table) =>
    table.rows.flatMap(([label, names]) =>
      countOf(tally, names) === 0 ? [`${table.title}: ${label.trim()}`] : [],
    ),
  );
}

export function coverageText(tally: Tally, events: boolean): string {
  return tablesOf(events)
    .map((table) => {
      const rows = table.rows.map(([label, names]) => `    ${label.padEnd(37)} ${countOf(tally, names)}`);
      return [`  ${table.title}`, ...rows].join('\n');
    })
    .join('\n');
}

const POLICY = 'mail policy ';

/** How many schedules had which policy for mail, what was withheld in them, and what was sent: whether S12 had something to look at. */
export function mailText(tally: Tally): string {
  const policies = Object.entries(tally.coverage).filter(([cell]) => cell.startsWith(POLICY));
  const rows = policies.map(
    ([cell, count]) => `    ${cell.slice(POLICY.length).padEnd(37)} ${count} schedules`,
  );
  const count = (cell: string): string => (tally.coverage[cell] ?? 0).toLocaleString('en');
  const sums = [
    `would-be mails withheld: ${count('mail withheld: people')}, in ${count('mail withheld: writes')} writes`,
    `mails sent: ${count('mail sent')}, under "send" and within the budgets of their runs`,
  ];
  return ['  mail (S12)', ...rows.sort(), ...sums.map((text) => `    ${text}`)].join('\n');
}

/** The residual risks of the specification (9.6): how often, and how often a user operation. */
export function risksText(tally: Tally): string {
  const operations = Object.entries(tally.coverage)
    .filter(([cell]) => cell.startsWith('operation '))
    .reduce((sum, [, count]) => sum + count, 0);
  const rows = RISKS.map(([risk, what]) => {
    const count = countOf(tally, [`risk ${risk}`]);
    const rate = count === 0 ? 'none' : `1 in ${Math.round(operations / count).toLocaleString('en')}`;
    return `    ${risk} ${what.padEnd(58)} ${String(count).padStart(7)}  ${rate}`;
  });
  return [`  residual risks (9.6), of ${operations.toLocaleString('en')} user operations`, ...rows].join(
    '\n',
  );
}

const RISKS = [
  ['R1', 'a value that nobody had told us of was written over'],
  ['R2', 'a late write of ours was taken for an edit'],
  ['R3', 'a record was deleted before its create was confirmed'],
  ['R4', 'a conflict was logged as possible only'],
] as const;
