import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from './arguments.ts';
import { COVER_WITHIN, coverageText, emptyCells, mailText, risksText } from './coverage.ts';
import { runCrew } from './crew.ts';
import { type Kill, worldOf } from './hunt.ts';
import { readKills, recordKills } from './kill-record.ts';
import { huntAll } from './kills.ts';
import { MUTANTS } from './mutants.ts';
import type { Settings } from './options.ts';
import { createProgress } from './progress.ts';
import { openPlace } from './repository/place.ts';
import { blameText, ofRepository } from './repository/report.ts';
import { type Place, REPOSITORIES } from './repository/repository.ts';
import { runAlone } from './repository/seeds.ts';
import { type Outcome, runSchedule } from './run.ts';
import { shrink } from './shrink.ts';
import type { Tally } from './tally.ts';
import { fromSparse, replayTape, type SparseTape, seededTape, toSparse } from './tape.ts';
import { readTape, replay, writeTape } from './tape-file.ts';

/** Schedules of a run that names no number. */
const SEEDS = 2_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const asked = readArguments(process.argv.slice(2));
if ('said' in asked) {
  if (asked.code === 0) print(asked.said);
  else process.stderr.write(`${asked.said}\n`);
  process.exit(asked.code);
}
const values = asked;

const asGiven: Settings = {
  lanes: values.lanes === undefined ? undefined : Number(values.lanes),
  profile: values.profile,
  without: new Set(values.without.split(',').filter((name) => name !== '')),
  mutant: values.mutant,
  strict: values.strict,
  events: values.events,
};

/** One mutant that is played is played where it is hunted. */
const settings = values.mutants || values.mutant === undefined ? asGiven : worldOf(values.mutant, asGiven);

const repository = REPOSITORIES.find((name) => name === values.state) ?? null;

const describeCommand = (seed: number): string =>
  [
    `pnpm sim --seed ${seed}`,
    values.lanes === undefined ? '' : `--lanes ${values.lanes}`,
    values.profile === undefined ? '' : `--profile ${values.profile}`,
    values.events ? '--events' : '',
    values.without === '' ? '' : `--without ${values.without}`,
    values.mutant === undefined ? '' : `--mutant ${values.mutant}`,
    repository === null ? '' : `--state ${repository}`,
  ]
    .filter((part) => part !== '')
    .join(' ');

function saveTape(seed: number, outcome: Outcome, choices: SparseTape): string {
  const path = values.out ?? join(tmpdir(), `tidelock-sim-${seed}.json`);
  writeTape(path, {
    ...{
      seed,
      check: outcome.check,
      detail: outcome.detail,
      lanes: settings.lanes,
      profile: settings.profile,
    },
    ...(settings.events === true ? { events: true } : {}),
    ...{ without: [...settings.without], mutant: settings.mutant, workload: settings.workload, choices },
  });
  return path;
}

function printFailure(outcome: Outcome): void {
  for (const line of outcome.trace) print(line);
  print(`${outcome.check ?? 'all checks hold'}  ${outcome.detail}`);
}

async function runOne(seed: number): Promise<number> {
  const play = { tape: seededTape(seed), settings, trace: true };
  const outcome =
    repository === null ? runSchedule(play.tape, settings, true) : await runAlone(repository, play);
  if (outcome.check === null || !values.shrink) {
    printFailure(outcome);
    if (outcome.check !== null) print(`tape: ${saveTape(seed, outcome, toSparse(outcome.choices))}`);
    return outcome.check === null ? 0 : 1;
  }
  const small = shrink(outcome, settings);
  printFailure(runSchedule(replayTape(fromSparse(small.tape)), settings, true));
  print(
    `shrunk from ${toSparse(outcome.choices).length} to ${small.tape.length} choices in ${small.tried} runs`,
  );
  print(`tape: ${saveTape(seed, small.outcome, small.tape)}`);
  return 1;
}

function replayFile(path: string): number {
  const tape = readTape(path);
  const outcome = replay(tape, true);
  printFailure(outcome);
  return outcome.check === null ? 0 : 1;
}

function summary(tally: Tally, ms: number): string {
  const per = (n: number): string => (n / Math.max(1, tally.schedules)).toFixed(0);
  return [
    `${tally.schedules} schedules in ${(ms / 1000).toFixed(1)} s: ${(tally.schedules / (ms / 1000)).toFixed(0)}/s`,
    `${per(tally.effects)} effects each`,
    `${tally.failures.length} failures`,
  ].join(', ');
}

/** Seeds of one shape that are named. */
const SHOWN = 5;

/** Two failures of one check and one shape are told together. */
function failureText(tally: Tally): string {
  const shapes = new Map<string, number[]>();
  for (const { check, detail, seed } of tally.failures) {
    const shape = `${check} ${detail
      .split('\n')[0]
      ?.replace(/[AB]\d?-\d+/g, '#')
      .replace(/[0-9a-f-]{36}|\d+/g, '#')}`;
    shapes.set(shape, [...(shapes.get(shape) ?? []), seed]);
  }
  return [...shapes]
    .sort(([, x], [, y]) => y.length - x.length)
    .map(([shape, seeds]) =>
      [
        `  ${String(seeds.length).padStart(5)} x ${shape.slice(0, 110)}`,
        ...seeds.slice(0, SHOWN).map((seed) => `        ${describeCommand(seed)}`),
      ].join('\n'),
    )
    .join('\n');
}

const numbersOf = (tally: Tally, prefix: string): string =>
  Object.entries(tally.coverage)
    .filter(([cell]) => cell.startsWith(prefix))
    .map(([cell, count]) => `${cell.slice(prefix.length)}: ${count}`)
    .sort()
    .join(', ');

async function runMany(): Promise<number> {
  const open = repository === null ? null : await openPlace(repository);
  try {
    return await runAll(open?.place);
  } finally {
    await open?.close();
  }
}

function report(tally: Tally, ms: number, place: Place | undefined): void {
  const empty = emptyCells(tally, values.events);
  if (values.json) {
    print(JSON.stringify({ ...tally, ms, empty }));
    return;
  }
  print(coverageText(tally, values.events));
  if (values.events) print(mailText(tally));
  print(`  passes to rest: ${numbersOf(tally, 'passes to rest ')}`);
  print(`  local transactions of an idle pass: ${numbersOf(tally, 'idle transactions ')}`);
  if (empty.length > 0) print(`  never reached: ${empty.join('; ')}`);
  print(risksText(tally));
  if (tally.failures.length > 0) print(failureText(tally));
  if (place !== undefined) print(blameText(tally, place.name));
  print(summary(tally, ms));
}

async function runAll(place: Place | undefined): Promise<number> {
  const started = performance.now();
  const seeds = Number(values.seeds ?? SEEDS);
  // On standard error, so that a program that asked for JSON gets nothing but that.
  const progress = createProgress(seeds, {
    terminal: process.stderr.isTTY,
    write: (text) => process.stderr.write(text),
  });
  const tally = await runCrew({ from: Number(values.from), seeds, settings, place }, progress.tell);
  progress.end();
  const ms = performance.now() - started;
  report(tally, ms, place);
  if (place !== undefined) return ofRepository(tally).length === 0 ? 0 : 1;
  const { events } = values;
  const wanted = seeds >= COVER_WITHIN && settings.without.size === 0;
  const uncovered = wanted && emptyCells(tally, events).length > 0;
  return tally.failures.length === 0 && !uncovered ? 0 : 1;
}

const killText = ({ name, rule, budget, seed, check, played, stale, detail }: Kill): string =>
  [
    `  ${name.padEnd(26)} ${seed === null ? `SURVIVES ${budget} seeds`.padEnd(22) : `seed ${seed}`.padEnd(10)}`,
    seed === null ? '' : `${check}`.padEnd(4),
    `${played} played${stale ? ', its recorded seed kills it no more' : ''}`.padEnd(12),
    ` ${rule}`,
    seed === null ? '' : `\n      ${detail.slice(0, SAID)}`,
  ].join(' ');

/** Characters of what a check said. */
const SAID = 120;

async function runMutants(): Promise<number> {
  const started = performance.now();
  const budget = values.seeds === undefined ? undefined : Number(values.seeds);
  const { mutant: _, ...plain } = settings;
  const known = readKills();
  const hunts = (values.mutant?.split(',') ?? Object.keys(MUTANTS)).map((name) => ({
    ...{ name, from: Number(values.from), budget, settings: plain },
    known: values.record ? undefined : known[name]?.seed,
  }));
  const kills = await huntAll(hunts, (kill) => {
    // One by one, so that a run that is cut short has not been for nothing.
    if (values.record) recordKills([kill]);
    if (!values.json) print(killText(kill));
  });
  const alive = kills.filter((kill) => kill.seed === null).map((kill) => kill.name);
  if (values.json) print(JSON.stringify(kills));
  else print(huntText(kills, alive, performance.now() - started));
  return alive.length === 0 ? 0 : 1;
}

function huntText(kills: readonly Kill[], alive: readonly string[], ms: number): string {
  const stale = kills.filter((kill) => kill.stale).map((kill) => kill.name);
  const played = kills.reduce((sum, kill) => sum + kill.played, 0);
  return [
    `${kills.length} mutants, ${alive.length} survive${alive.length > 0 ? `: ${alive.join(', ')}` : ''}`,
    `${played} schedules without a rule, ${(ms / 1000).toFixed(0)} s`,
    ...(stale.length === 0 ? [] : [`recorded seeds that kill no more (--record): ${stale.join(', ')}`]),
  ].join('; ');
}

async function main(): Promise<number> {
  if (values.replay !== undefined) return replayFile(values.replay);
  if (values.seed !== undefined) return runOne(Number(values.seed));
  if (values.mutants) return runMutants();
  return runMany();
}

const code = await main();
// Said aloud, when a pipe has taken everything: the package that brings a server ends the process with 0 when nothing is left to do.
process.stdout.write('', () => process.exit(code));
