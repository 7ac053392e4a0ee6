import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kill } from './kills.ts';

const FILE = join(import.meta.dirname, '..', 'first-kills.json');
const README = join(import.meta.dirname, '..', 'README.md');
const [BEGIN, END] = ['<!-- mutants: pnpm sim --mutants --record -->', '<!-- end of mutants -->'];

/** Where each mutant was first noticed. */
export type KillRecord = Readonly<Record<string, { readonly seed: number; readonly check: string }>>;

export const readKills = (): KillRecord => JSON.parse(readFileSync(FILE, 'utf8')) as KillRecord;

function tableOf(record: KillRecord, rules: ReadonlyMap<string, string>): string {
  const rows = Object.entries(record)
    .filter(([name]) => rules.has(name))
    .map(([name, { seed, check }]) => `| \`${name}\` | ${rules.get(name)} | ${seed} | ${check} |`);
  return ['| mutant | the rule that it removes | seed | check |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** Notes the seeds of these kills, in the file that a later run begins with and in the README. */
export function recordKills(kills: readonly Kill[], rules: ReadonlyMap<string, string>): void {
  const found = kills.flatMap(({ name, seed, check }) =>
    seed === null || check === null ? [] : [[name, { seed, check }] as const],
  );
  const all = { ...readKills(), ...Object.fromEntries(found) };
  const record = Object.fromEntries(Object.entries(all).sort(([x], [y]) => (x < y ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(record, null, 2)}\n`);
  const text = readFileSync(README, 'utf8');
  const [before, rest] = [text.split(BEGIN)[0], text.split(END)[1]];
  if (before === undefined || rest === undefined) throw new Error(`README.md has no region "${BEGIN}"`);
  writeFileSync(README, `${before}${BEGIN}\n${tableOf(record, rules)}\n${END}${rest}`);
}
