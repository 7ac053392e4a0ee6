import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kill } from './hunt.ts';
import { MUTANTS } from './mutants.ts';

const FILE = join(import.meta.dirname, '..', 'first-kills.json');
const README = join(import.meta.dirname, '..', 'README.md');
const [BEGIN, END] = ['<!-- mutants: pnpm sim --mutants --record -->', '<!-- end of mutants -->'];

/** Where each mutant was first noticed. */
export type KillRecord = Readonly<Record<string, { readonly seed: number; readonly check: string }>>;

export const readKills = (): KillRecord => JSON.parse(readFileSync(FILE, 'utf8')) as KillRecord;

/** The table of the README. */
export function killTable(record: KillRecord): string {
  const rows = Object.entries(record).map(
    ([name, { seed, check }]) => `| \`${name}\` | ${MUTANTS[name]?.rule} | ${seed} | ${check} |`,
  );
  const head = ['| mutant | the rule that it removes | first seed | check |', '| --- | --- | --- | --- |'];
  return [...head, ...rows].join('\n');
}

/** What stands in the README, and what stands around it. */
export function readTable(): { readonly before: string; readonly table: string; readonly after: string } {
  const text = readFileSync(README, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no region "${BEGIN}"`);
  const from = begin + BEGIN.length;
  return { before: text.slice(0, from), table: text.slice(from, end).trim(), after: text.slice(end) };
}

/** Notes these kills, in the file that a later run begins with and in the README. Who survived has no place there. */
export function recordKills(kills: readonly Kill[]): void {
  const all = new Map(Object.entries(readKills()).filter(([name]) => MUTANTS[name] !== undefined));
  for (const { name, seed, check } of kills) {
    if (seed === null || check === null) all.delete(name);
    else all.set(name, { seed, check });
  }
  const record = Object.fromEntries([...all].sort(([x], [y]) => (x < y ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(record, null, 2)}\n`);
  const { before, after } = readTable();
  writeFileSync(README, `${before}\n${killTable(record)}\n${after}`);
}
