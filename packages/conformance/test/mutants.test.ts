import { expect, it } from 'vitest';
import {
  eventStoreCases,
  eventStoreFaults,
  REFERENCE_CAPABILITIES,
  REFERENCE_EVENTS,
  REFERENCE_MODEST,
  REFERENCE_SINGLE_EVENTS,
  runCase,
} from '../src/index.ts';
import { readTraits } from '../src/record-store/fixture.ts';
import { declaredMutants } from './declared-mutants.ts';
import { type Mutant, mutate } from './mutant.ts';
import { readMutants } from './read-mutants.ts';
import { writeMutants } from './write-mutants.ts';

/** The reference fixture knows everything that a calendar can do. */
const ANY_ORACLE = { series: {}, userMeetOnline: true, userInvited: true };
const ANY_TRAITS = { hasEmail: true, events: ANY_ORACLE, tellsStrangers: true };

/** The mistakes that the suite tries on every adapter, on the reference store with the capabilities each needs. */
const isOfEvents = (ids: readonly string[]): boolean => ids.some((id) => id >= 'record-store-090');
const everywhere: readonly Mutant[] = eventStoreFaults.map(({ name, noticedBy, breaks, needs }) => ({
  name,
  killedBy: noticedBy.slice(0, 1),
  breaks,
  capabilities: (isOfEvents(noticedBy)
    ? [REFERENCE_EVENTS, REFERENCE_SINGLE_EVENTS]
    : [REFERENCE_CAPABILITIES, REFERENCE_MODEST]
  ).find((capabilities) => !needs?.({ capabilities, ...ANY_TRAITS } as never)),
}));

const mutants: readonly Mutant[] = [...everywhere, ...writeMutants, ...readMutants, ...declaredMutants];

/** Ids of the cases that fail on the mutant. */
async function killers(mutant: Mutant): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const item of eventStoreCases) {
    if (mutant.capabilities?.events === undefined && item.id >= 'record-store-090') continue;
    await runCase(item, () => mutate(mutant), readTraits).catch(() => failed.push(item.id));
  }
  return failed;
}

it('the reference itself passes every case, so that a kill means something', async () => {
  expect(await killers({ name: 'none', killedBy: [], capabilities: REFERENCE_EVENTS })).toEqual([]);
});

it('case ids are distinct and well formed', () => {
  const ids = eventStoreCases.map((item) => item.id);
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
  expect(eventStoreCases.map((item) => item.id).filter((id) => !useful.has(id))).toEqual([]);
});
