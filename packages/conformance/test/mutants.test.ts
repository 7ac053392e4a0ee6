import { expect, it } from 'vitest';
import {
  REFERENCE_CAPABILITIES,
  REFERENCE_MODEST,
  recordStoreCases,
  recordStoreFaults,
  runCase,
} from '../src/index.ts';
import { readTraits } from '../src/record-store/fixture.ts';
import { declaredMutants } from './declared-mutants.ts';
import { type Mutant, mutate } from './mutant.ts';
import { readMutants } from './read-mutants.ts';
import { writeMutants } from './write-mutants.ts';

/** The mistakes that the suite tries on every adapter, on the reference store with the capabilities each needs. */
const everywhere: readonly Mutant[] = recordStoreFaults.map(({ name, noticedBy, breaks, needs }) => ({
  name,
  killedBy: noticedBy.slice(0, 1),
  breaks,
  ...(needs?.({ capabilities: REFERENCE_CAPABILITIES } as never) ? { capabilities: REFERENCE_MODEST } : {}),
}));

const mutants: readonly Mutant[] = [...everywhere, ...writeMutants, ...readMutants, ...declaredMutants];

/** Ids of the cases that fail on the mutant. */
async function killers(mutant: Mutant): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const item of recordStoreCases) {
    await runCase(item, () => mutate(mutant), readTraits).catch(() => failed.push(item.id));
  }
  return failed;
}

it('the reference itself passes every case, so that a kill means something', async () => {
  expect(await killers({ name: 'none', killedBy: [] })).toEqual([]);
});

it('case ids are distinct and well formed', () => {
  const ids = recordStoreCases.map((item) => item.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^record-store-\d{3}$/);
});

const useful = new Set<string>();

for (const mutant of mutants) {
  it(`"${mutant.name}" is caught by ${mutant.killedBy.join(', ')}`, async () => {
    const failed = await killers(mutant);
    for (const id of failed) useful.add(id);
    expect(failed).toEqual(expect.arrayContaining([...mutant.killedBy]));
  });
}

it('every case catches at least one fault', () => {
  expect(recordStoreCases.map((item) => item.id).filter((id) => !useful.has(id))).toEqual([]);
});
